import { readSecret, readTls, type TlsMaterial } from '@millrace/tls';
import { errors } from '../errors.js';

/** Where a server of somebody else is, as the environment of the service says it. */
export interface Connection {
  readonly url: string;
  /** Whom to trust and what to show; undefined where no file is named. */
  readonly tls: TlsMaterial | undefined;
  /** In the place of one in the URL. */
  readonly password: string | undefined;
}

/** Only such variables come into the process of a job. */
const VARIABLE = /^MILLRACE_SOURCE_[A-Z0-9_]+$/;

/** Throws SOURCE_NOT_ALLOWED for a variable that is not one of those which sources may use. */
export function checkConnection(name: string, connections: readonly string[]): void {
  if (!VARIABLE.test(name) || !connections.includes(name)) throw errors.SOURCE_NOT_ALLOWED({ place: `the connection "${name.slice(0, 100)}"`, variable: 'MILLRACE_SOURCE_CONNECTIONS' });
}

/** Reads a connection from its variable, and from the files that `<variable>_CA_FILE`, `_CERT_FILE`, `_KEY_FILE` and `_PASSWORD_FILE` name. */
export async function readConnection(name: string): Promise<Connection> {
  const url = process.env[name];
  if (url === undefined) throw errors.INVALID_SOURCE({ why: `the environment of the service has no ${name}` });
  const named = (suffix: string) => {
    const file = process.env[`${name}_${suffix}`];
    return file === undefined || file === '' ? undefined : { variable: `${name}_${suffix}`, file };
  };
  const [ca, cert, key, password] = [named('CA_FILE'), named('CERT_FILE'), named('KEY_FILE'), named('PASSWORD_FILE')];
  const tls = ca || cert || key ? await readTls({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }) : undefined;
  return { url, tls, password: password && (await readSecret(password)) };
}

/** What a server or the way to it says, without anything of the URL. */
export function reasonOf(error: unknown, { url, password = '' }: Pick<Connection, 'url'> & { readonly password?: string | undefined }): string {
  const message = error instanceof AggregateError ? error.errors.map(String).join('; ') : error instanceof Error ? error.message : String(error);
  const said = /^[a-z]+:\/\/[^:@/]*:([^@/]*)@/.exec(url)?.[1] ?? '';
  const secrets = [url, said, decoded(said), password].filter((secret) => secret !== '');
  return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), message || 'nothing answers').replace(/[.\s]+$/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
