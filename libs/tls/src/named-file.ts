import { readFile } from 'node:fs/promises';
import { errors } from './errors.js';

/** A file and the variable that named it: whoever has to mend it must know both. */
export interface NamedFile {
  readonly variable: string;
  readonly file: string;
}

/** The text of the file; throws FILE_UNREADABLE. */
export async function readNamed({ variable, file }: NamedFile): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw errors.FILE_UNREADABLE({ variable, file, why: WHY[(cause as NodeJS.ErrnoException).code ?? ''] ?? String((cause as NodeJS.ErrnoException).code) }, { cause });
  }
}

const WHY: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'this user may not read it', EISDIR: 'it is a directory' };

/** The password in a file, as Kubernetes and Docker mount it; a line end behind it does not belong to it. Throws SECRET_EMPTY. */
export async function readSecret(named: NamedFile): Promise<string> {
  const secret = (await readNamed(named)).replace(/\r?\n$/, '');
  if (secret === '') throw errors.SECRET_EMPTY({ ...named });
  return secret;
}
