import { createHash } from 'node:crypto';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';
import { ordersCsv, ordersFile } from './orders.fixture.js';

interface Exported {
  readonly rows: number;
  readonly services: readonly { readonly service: string; readonly rows: number; readonly tables: object }[];
  readonly objects: { readonly count: number };
}

/** A home that has trained a model moves to another. */
describe('an archive', () => {
  let directory: string;
  let old: CliProcess;
  let fresh: CliProcess;
  let exported: Exported;
  const home = async (name: string): Promise<CliProcess> => {
    const millrace = new CliProcess(directory);
    await millrace.up(name);
    return millrace;
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-archive-'));
    await writeFile(join(directory, 'orders.csv'), ordersCsv());
    await writeFile(join(directory, 'orders.yaml'), ordersFile());
    [old, fresh] = [await home('old'), await home('fresh')];
    await old.text('dataset', 'ingest', 'orders', 'orders.csv', '--event-time', 'placed');
    await old.text('apply', 'orders.yaml');
    await old.text('run', 'orders');
    await old.text('predict', 'orders', '--row', '{"amount": 700}');
    exported = (await old.json('export', '--to', 'moved')) as Exported;
  }, 120_000);
  afterAll(async () => {
    await Promise.all([old.down(), fresh.down()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  /** A copy of the archive with a fault in it. */
  const spoilt = async (name: string, spoil: (folder: string) => Promise<unknown>): Promise<string> => {
    const folder = join(directory, name);
    await cp(join(directory, 'moved'), folder, { recursive: true });
    await spoil(folder);
    return name;
  };
  /** Writes the manifest of a folder anew, sealed, so that only what is said in it is wrong. */
  const resealed = async (folder: string, change: (manifest: { format: number; services: object[] }) => void): Promise<void> => {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { format: number; services: object[] };
    change(manifest);
    const text = JSON.stringify(manifest);
    await writeFile(join(folder, 'manifest.json'), text);
    await writeFile(join(folder, 'manifest.sha256'), createHash('sha256').update(text).digest('hex'));
  };
  const refused = async (millrace: CliProcess, ...args: readonly string[]): Promise<{ readonly reason: string; readonly message: string }> => {
    const { code, out } = await millrace.run(...args, '--json');
    expect(code).not.toBe(0);
    return (JSON.parse(out) as { readonly error: { readonly reason: string; readonly message: string } }).error;
  };

  it('holds what every service keeps, and appears whole', async () => {
    expect(exported.services.map(({ service }) => service)).toEqual(['ingestion', 'feature-store', 'registry', 'trainer', 'inference', 'monitor', 'pipelines']);
    for (const service of ['ingestion', 'registry', 'trainer', 'inference', 'pipelines']) expect(exported.services.find((each) => each.service === service)?.rows).toBeGreaterThan(0);
    expect(exported.objects.count).toBeGreaterThan(3);
    expect((await readdir(directory)).filter((name) => name.startsWith('moved'))).toEqual(['moved']);
    expect(await refused(old, 'export', '--to', 'moved')).toMatchObject({ reason: 'ARCHIVE_EXISTS' });
  });

  it('is refused before anything is written when a byte of it is wrong', async () => {
    const [object = ''] = await readdir(join(directory, 'moved', 'objects'));
    const flipped = async (file: string): Promise<void> => {
      const bytes = await readFile(file);
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
      await rm(file);
      await writeFile(file, bytes);
    };
    const faults: readonly (readonly [string, string, RegExp])[] = [
      [await spoilt('cut', async (folder) => truncate(join(folder, 'services/registry.jsonl'), (await stat(join(folder, 'services/registry.jsonl'))).size - 10)), 'ARCHIVE_DAMAGED', /services\/registry\.jsonl has the digest/],
      [await spoilt('flipped', (folder) => flipped(join(folder, 'objects', object))), 'ARCHIVE_DAMAGED', new RegExp(`objects/${object}`)],
      [await spoilt('lost', (folder) => rm(join(folder, 'objects', object))), 'ARCHIVE_DAMAGED', /is missing/],
      [await spoilt('edited', (folder) => appendFile(join(folder, 'manifest.json'), ' ')), 'ARCHIVE_DAMAGED', /manifest\.json is not what manifest\.sha256 seals/],
      [await spoilt('newer', (folder) => resealed(folder, (manifest) => (manifest.format = 99))), 'ARCHIVE_NEWER', /format 99/],
      [await spoilt('fewer', (folder) => resealed(folder, (manifest) => void manifest.services.pop())), 'ARCHIVE_SERVICES', /pipelines/],
      ['orders.csv', 'ARCHIVE_UNREADABLE', /no manifest\.json/],
    ];
    for (const [from, reason, says] of faults) expect(await refused(fresh, 'import', '--from', from)).toMatchObject({ reason, message: expect.stringMatching(says) });
    expect(await fresh.json('dataset', 'list')).toMatchObject({ datasets: [] });
  });

  it('is taken over whole, with the same names, times and digests, and answers as before', async () => {
    expect(await refused(fresh, 'import', '--from', 'moved', '--verify')).toMatchObject({ reason: 'HOME_DIFFERS', message: expect.stringContaining('registry.model_version: 0 rows instead of 1') });
    expect(await fresh.json('import', '--from', 'moved')).toMatchObject({ rows: exported.rows, services: exported.services.map(({ service, rows }) => ({ service, rows, imported: rows > 0 })) });
    expect(await fresh.text('import', '--from', 'moved', '--verify')).toContain('keeps just what');
    for (const command of [['dataset', 'versions', 'orders'], ['model', 'show', 'orders'], ['runs', 'list'], ['status']]) expect(await fresh.json(...command)).toEqual(await old.json(...command));
    const ask = async (millrace: CliProcess): Promise<unknown> => ((await millrace.json('predict', 'orders', '--row', '{"amount": 700}')) as { readonly predictions: readonly { readonly score: number }[] }).predictions[0]?.score;
    expect(await ask(fresh)).toBe(await ask(old));
  });

  it('is not taken over twice, and not into a home that keeps something else', async () => {
    expect(await refused(fresh, 'import', '--from', 'moved')).toMatchObject({ reason: 'HOME_NOT_EMPTY', message: expect.stringContaining('inference.prediction_batch') });
    const again = await home('again');
    await again.json('import', '--from', 'moved');
    expect(await again.json('import', '--from', 'moved')).toMatchObject({ services: exported.services.map(() => ({ imported: false })), objects: { written: 0 } });
    expect(await again.json('export', '--to', 'moved-again')).toMatchObject({ rows: exported.rows, services: exported.services.map(({ tables }) => ({ tables })), objects: exported.objects });
    await again.down();
  }, 60_000);
});
