import { extname, join } from 'node:path';
import { S3Bucket } from '@millrace/objects';
import { errors } from '../errors.js';
import type { Format } from './source.js';
import { formatOf, MAX_FILES, type SourceFile, toFile } from './source-files.js';
import type { FoundFile } from './found-file.js';
import type { SourceKind } from './source-kind.js';

/** Objects of a bucket whose keys begin alike: one object, or all below a prefix. */
export const s3Source: SourceKind = {
  async check(source, { buckets }) {
    const { bucket, key } = parse(source.path);
    const allowed = buckets.some((one) => `${bucket}/${key}` === one || `${bucket}/${key}`.startsWith(one.endsWith('/') ? one : `${one}/`));
    if (!allowed) throw errors.SOURCE_NOT_ALLOWED({ place: `s3://${bucket}`, variable: 'MILLRACE_SOURCE_BUCKETS' });
    return source;
  },
  async files({ path, format }, { directory, s3, choose, signal }) {
    const { bucket: name, key: prefix } = parse(path);
    const bucket = new S3Bucket({ ...s3, bucket: name });
    try {
      const found = await listed(bucket, { prefix, format, path });
      const wanted = new Set(choose(found).map(({ label }) => label));
      const files: { readonly file: SourceFile; readonly key: string; readonly etag: string }[] = [];
      for (const { label, key, identity } of found.filter((one) => wanted.has(one.label))) {
        signal.throwIfAborted();
        const local = join(directory, `${files.length}${extname(label)}`);
        if (!(await bucket.download(key, local))) throw errors.SOURCE_CHANGED({ file: label });
        files.push({ file: { ...(await toFile(local, label, format)), identity }, key, etag: identity });
      }
      // What was downloaded is what was listed only where nobody has written it anew meanwhile.
      for (const { key, etag, file } of files) if ((await bucket.head(key))?.etag !== etag) throw errors.SOURCE_CHANGED({ file: file.label });
      return files.map(({ file }) => file);
    } finally {
      bucket.close();
    }
  },
};

async function listed(bucket: S3Bucket, { prefix, format, path }: { prefix: string; format: Format | undefined; path: string }): Promise<readonly (FoundFile & { readonly key: string })[]> {
  const found: (FoundFile & { readonly key: string })[] = [];
  for await (const { key, etag } of bucket.list(prefix)) {
    // Of a whole key its siblings are not meant; a folder and what is hidden are no data.
    const label = key === prefix ? (key.split('/').at(-1) ?? key) : prefix === '' || prefix.endsWith('/') ? key.slice(prefix.length) : key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : '';
    if (label === '' || key.endsWith('/') || label.split('/').some((part) => part.startsWith('.')) || (format === undefined && formatOf(label) === undefined)) continue;
    if (found.length === MAX_FILES) throw errors.INVALID_SOURCE({ why: `there are more than ${MAX_FILES} objects below ${path}, and no more are read in one run; give them in parts` });
    found.push({ key, label, identity: etag });
  }
  if (found.length === 0) throw errors.SOURCE_EMPTY({ file: path, why: 'no object whose name ends in .csv, .jsonl, .json or .parquet lies there' });
  return found;
}

function parse(path: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(path) ?? [];
  if (bucket === '' || key.includes('\0') || key.split('/').includes('..')) throw errors.INVALID_SOURCE({ why: `"${path}" names no bucket; give s3://bucket/prefix` });
  return { bucket, key };
}
