import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Client, createClient, isReason, type PredictOptions } from '@millrace/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';
import { CuttingProxy } from './cutting-proxy.fixture.js';
import { flightsCsv, lateFile } from './late-flights.js';

const ROOT = new URL('../../../', import.meta.url);
const TSC = fileURLToPath(new URL('node_modules/typescript-native/bin/tsc', ROOT));
const DIST = new URL('libs/client/dist/index.js', ROOT);

let directory: string;
let millrace: CliProcess;
let proxy: CuttingProxy;
let baseUrl: string;
let client: Client;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  writeFileSync(join(directory, 'flights.csv'), flightsCsv());
  writeFileSync(join(directory, 'late.yaml'), lateFile({ watch: '' }));
  millrace = new CliProcess(directory);
  baseUrl = (await millrace.up()).httpAddress;
  client = createClient({ baseUrl });
  proxy = new CuttingProxy(new URL(baseUrl));
  await proxy.start();
}, 120_000);
afterAll(async () => {
  await proxy.close();
  const code = await millrace.down();
  rmSync(directory, { recursive: true, force: true });
  expect(code).toBe(0);
}, 60_000);

describe('the typed client against a home', () => {
  it('lists more than one page, and one page alone', async () => {
    const wanted = ['a', 'b', 'c', 'd', 'e'].map((letter) => `models/${letter}`);
    for (const name of wanted) expect(await client.models.create({ model: { name, description: 'of a spec' } })).toMatchObject({ name, description: 'of a spec', latestVersion: '', createTime: expect.any(Date) as Date });
    const names: string[] = [];
    for await (const { name } of client.models.list({ pageSize: 2 })) names.push(name);
    expect(names).toEqual(wanted);
    const pages: number[] = [];
    for await (const { items } of client.models.list({ pageSize: 2 }).pages()) pages.push(items.length);
    expect(pages).toEqual([2, 2, 1]);
  });

  it('brings times and doubles there and back, and makes a call of one key once', async () => {
    const point = { key: 'loss', step: 7n, value: 0.1 + 0.2, time: new Date('2001-04-01T05:06:07.089Z') };
    await client.experiments.create({ experiment: { name: 'experiments/exact' } });
    const run = await client.runs.create({ parent: 'experiments/exact', run: { displayName: 'one' } }, { idempotencyKey: 'one' });
    expect(run).toMatchObject({ displayName: 'one', state: 'RUNNING', metrics: {}, artifacts: [] });
    expect((await client.runs.create({ parent: 'experiments/exact', run: { displayName: 'one' } }, { idempotencyKey: 'one' })).name).toBe(run.name);
    await client.runs.log({ name: run.name, metrics: [point] });
    const points = [];
    for await (const each of client.metricPoints.list({ parent: run.name, key: 'loss' })) points.push(each);
    expect(points).toEqual([point]);
    expect((await client.runs.finish({ name: run.name, state: 'SUCCEEDED' })).state).toBe('SUCCEEDED');
  });

  it('says by code, reason and metadata what was refused', async () => {
    const missing = await client.models.get({ name: 'models/none' }).catch((error: unknown) => error);
    expect(isReason(missing, 'registry.millrace', 'MODEL_NOT_FOUND')).toBe(true);
    expect(missing).toMatchObject({ code: 'NOT_FOUND', status: 404, metadata: { name: 'models/none' } });
    // What only JavaScript can say.
    const strange = await client.models.create({ model: { name: 'models/x', colour: 'red' } as object }).catch((error: unknown) => error);
    expect(strange).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'FIELD_INVALID', fields: [{ field: 'model.colour', description: 'Model has no such field' }] });
  });

  it('follows a run to its end through a connection that is cut, and never back in time', async () => {
    await millrace.text('apply', 'late.yaml');
    const through = createClient({ baseUrl: proxy.baseUrl, retry: { firstMs: 10 } });
    const { name } = await through.pipelineRuns.create({ pipeline: 'pipelines/late' });
    const states: string[] = [];
    const done: number[] = [];
    for await (const { status, steps } of through.pipelineRuns.watch({ name })) {
      states.push(status?.state ?? '');
      done.push(steps.filter(({ state }) => state === 'SUCCEEDED').length);
      if (done.length === 2) proxy.cut();
    }
    expect(states.at(-1)).toBe('SUCCEEDED');
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    const asked = proxy.heard.filter((text) => text.includes(':watch'));
    expect(asked.map((text) => /^last-event-id: [\w-]{16}\r$/im.test(text))).toEqual([false, true]);
  }, 120_000);

  it('reads what the run made, moves its alias under an etag, and asks it with a whole number of 64 bits', async () => {
    const version = await client.modelVersions.get({ name: 'models/late/aliases/champion' });
    expect(version).toMatchObject({ name: 'models/late/versions/1', signature: { inputs: expect.arrayContaining([expect.objectContaining({ column: { name: 'distance', type: 'INT64', nullable: expect.any(Boolean) as boolean } })]) as unknown } });
    expect(version.certificate?.rows).toBeTypeOf('bigint');
    const move = { name: 'models/late/aliases/champion', modelVersion: version.name, reason: 'as it was' };
    const { etag } = await client.aliases.get({ name: move.name });
    expect(await client.aliases.move({ ...move, etag: `${etag}0` }).catch((error: unknown) => error)).toMatchObject({ code: 'ABORTED', status: 409 });
    expect(await client.aliases.move({ ...move, etag })).toMatchObject({ name: move.name, modelVersion: version.name });
    const exact = 2n ** 53n + 1n;
    const { inputs } = await client.endpoints.predictRows({ endpoint: 'endpoints/late', rows: [{ values: { distance: { int64Value: exact }, origin: { stringValue: 'ORD' }, date: { timestampValue: new Date('2001-02-05T18:00:00.123Z') } } }], explainInputs: true });
    expect(inputs[0]?.values).toMatchObject({ distance: { int64Value: exact }, date: { timestampValue: new Date('2001-02-05T18:00:00.123Z') } });
    expect((await client.lineage.get({ name: version.name })).lineage?.nodes.length).toBeGreaterThan(3);
  });
});

describe('a generated client', () => {
  let source: string;
  beforeAll(async () => (source = await millrace.text('generate', 'client', 'late@champion')));

  it('asks for what the model reads, without the features that are read online, and with their keys', () => {
    expect(source).toMatch(/^export interface LateRow \{\n[^}]*\}/m);
    expect(source).toContain("export const predict = /* @__PURE__ */ predictor<LateRow>('endpoints/late', {");
    expect(source).toContain('  readonly distance: bigint | number;\n');
    expect(source).toContain('  readonly date: Date;\n');
    expect(source).toContain('  /** Read online where it is left out. */\n  readonly origin_late_share?: number | undefined;\n');
    expect(source).toContain('  /** What features are read by. */\n  readonly origin: string;\n');
  });

  it('predicts as the command line does, compiled as a stranger would', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-stranger-'));
    try {
      writeFileSync(join(folder, 'late.ts'), source);
      const compilerOptions = { strict: true, module: 'NodeNext', target: 'ES2022', lib: ['ES2023', 'DOM'], types: [], outDir: 'built', paths: { '@millrace/client': [fileURLToPath(DIST).replace(/\.js$/, '.d.ts')] } };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['late.ts'] }));
      writeFileSync(join(folder, 'package.json'), '{"type":"module","imports":{}}');
      const told = await new Promise<string>((resolve) => execFile(process.execPath, [TSC, '-p', folder, '--pretty', 'false'], { cwd: folder, timeout: 50_000 }, (_, out, err) => resolve(out + err)));
      expect(told).toBe('');
      const { predict } = (await importBuilt(folder)) as { readonly predict: (by: Client, rows: readonly object[], options?: PredictOptions) => Promise<{ readonly predictions: readonly { readonly score: number; readonly id: string }[] }> };
      const row = { distance: 733n, date: new Date('2001-02-05T18:00:00Z'), origin: 'ORD' };
      const eventTimes = [new Date('2001-02-05T18:00:00Z')];
      const { predictions } = await predict(client, [row], { eventTimes });
      const asked = (await millrace.json('predict', 'late', '--row', JSON.stringify({ ...row, distance: 733 }), '--time', '2001-02-05T18:00:00Z')) as { readonly predictions: readonly { readonly score: number }[] };
      expect(predictions).toHaveLength(1);
      expect(predictions[0]?.score).toBe(asked.predictions[0]?.score);
      expect(await client.predictions.get({ endpoint: 'endpoints/late', id: predictions[0]?.id ?? '' })).toMatchObject({ record: { modelVersion: 'models/late/versions/1' } });
      await expect(predict(client, [{ ...row, colour: 'red' }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'COLUMN_UNKNOWN', metadata: { column: 'colour' } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is refused where nobody serves the model', async () => {
    const { code, out, err } = await millrace.run('generate', 'client', 'a');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('No endpoint serves models/a; deploy it first, or name an endpoint with --endpoint.');
  });
});

/** The module, with the name of the package led to what was built of it here. */
async function importBuilt(folder: string): Promise<unknown> {
  const file = join(folder, 'built', 'late.js');
  writeFileSync(file, readFileSync(file, 'utf8').replace("'@millrace/client'", `'${DIST.href}'`));
  return import(pathToFileURL(file).href);
}
