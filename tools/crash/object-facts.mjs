import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseCanonicalJson } from '@millrace/core';

const SUFFIX = '.manifest';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Reads the whole object store: every object's content against its name, every manifest against its first line and what it names. */
export function readObjects(directory) {
  const facts = { digests: new Set(), corrupt: [], manifests: new Map(), halfWritten: [], temporaries: 0 };
  if (!existsSync(directory)) return facts;
  for (const file of filesBelow(join(directory, 'objects'))) {
    const hex = file.split('/').at(-1) ?? '';
    const found = sha256(readFileSync(file));
    facts.digests.add(`sha256:${hex}`);
    if (found !== hex) facts.corrupt.push(`the object ${hex} has the content of ${found}`);
  }
  const root = join(directory, 'manifests');
  for (const file of filesBelow(root)) {
    const name = relative(root, file);
    const [digest = '', content = '', rest] = readFileSync(file, 'utf8').split('\n');
    if (!name.endsWith(SUFFIX) || digest !== `sha256:${sha256(content)}` || rest !== '') facts.halfWritten.push(`the manifest ${name} is not whole`);
    else facts.manifests.set(name.slice(0, -SUFFIX.length), parseCanonicalJson(content).objects);
  }
  facts.temporaries = existsSync(join(directory, 'tmp')) ? readdirSync(join(directory, 'tmp')).length : 0;
  return facts;
}

const filesBelow = (directory) => (existsSync(directory) ? readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) : []);
