import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseCanonicalJson } from '@millrace/core';

const SUFFIX = '.manifest';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Facts of an object store, gathered object by object: every object's content against its name, every manifest against its first line and what it names. */
export class ObjectFacts {
  digests = new Set();
  corrupt = [];
  manifests = new Map();
  halfWritten = [];

  /** One object, by the digits of its digest. */
  object(hex, bytes) {
    const found = sha256(bytes);
    this.digests.add(`sha256:${hex}`);
    if (found !== hex) this.corrupt.push(`the object ${hex} has the content of ${found}`);
  }

  /** One manifest, by its name with the suffix. */
  manifest(name, text) {
    const [digest = '', content = '', rest] = text.split('\n');
    if (!name.endsWith(SUFFIX) || digest !== `sha256:${sha256(content)}` || rest !== '') this.halfWritten.push(`the manifest ${name} is not whole`);
    else this.manifests.set(name.slice(0, -SUFFIX.length), parseCanonicalJson(content).objects);
  }
}

/** Reads the whole object store of a directory. */
export function readFileObjects(directory) {
  const facts = new ObjectFacts();
  for (const file of filesBelow(join(directory, 'objects'))) facts.object(file.split('/').at(-1) ?? '', readFileSync(file));
  const root = join(directory, 'manifests');
  for (const file of filesBelow(root)) facts.manifest(relative(root, file), readFileSync(file, 'utf8'));
  return facts;
}

const filesBelow = (directory) => (existsSync(directory) ? readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) : []);
