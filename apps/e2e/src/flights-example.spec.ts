import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

/** Examples with a pipeline of their own; others only show something. */
const PIPELINES = readdirSync(EXAMPLES).filter((folder) => existsSync(resolve(EXAMPLES, folder, 'millrace.yaml')));

it.each(PIPELINES)('finds the data of the example %s from where its file stands, as `millrace apply` does', async (example) => {
  const file = parse(readFileSync(resolve(EXAMPLES, example, 'millrace.yaml'), 'utf8')) as { readonly sources: Readonly<Record<string, { readonly path: string }>> };
  const paths = Object.values(file.sources).map(({ path }) => resolve(EXAMPLES, example, path));
  expect(paths).not.toEqual([]);
  for (const path of paths) expect(await headOf(path)).toBe('PAR1');
});

/** The mark that a Parquet file begins with. */
async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(4), 0, 4, 0)).buffer.toString('latin1');
  } finally {
    await file.close();
  }
}
