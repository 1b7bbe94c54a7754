import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';

const DATA = fileURLToPath(new URL('../../../node_modules/vega-datasets/data/', import.meta.url));

let directory: string;
let millrace: CliProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-init-'));
  for (const file of ['seattle-weather.csv', 'weather.csv', 'airports.csv', 'birdstrikes.csv']) await copyFile(join(DATA, file), join(directory, file));
  millrace = new CliProcess(directory);
  await millrace.up();
}, 120_000);
afterAll(async () => {
  await millrace.down();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8');

/** Applies a file and runs it; gives the version that came of it. */
async function brought(file: string, pipeline: string): Promise<unknown> {
  await millrace.text('apply', file);
  const { code, out } = await millrace.run('run', pipeline);
  expect({ code, told: out.split('\n').at(-2) }).toEqual({ code: 0, told: expect.stringContaining(`PROMOTED ${pipeline} 1 after`) });
  return millrace.json('model', 'show', `${pipeline}@champion`);
}

it('brings four years of weather to a model of rain, by a number', async () => {
  const told = await millrace.text('init', '--csv', 'seattle-weather.csv', '--target', 'precipitation', '--above', '0', '--name', 'rain');
  expect(told).toBe('millrace.yaml is written: rain predicts whether "precipitation" is above 0.\n  split by time: the newest 365d evaluate, the 1096d before them train\n  left out precipitation: it is what is predicted\nNext: read it, then millrace apply millrace.yaml and millrace run rain\n');
  const file = await read('millrace.yaml');
  for (const part of ['path: seattle-weather.csv', 'precipitation_above_0: { column: precipitation, greater_than: 0 }', 'split: { evaluate: 365d, train: 1096d }', '# Change: take out whatever nobody knows yet', '    - weather_onehot\n']) expect(file).toContain(part);
  expect(await brought('millrace.yaml', 'rain')).toMatchObject({ name: 'models/rain/versions/1', metrics: { auc: expect.any(Number) as number } });
}, 180_000);

it('brings a text of two values to a model, and takes what is proposed', async () => {
  const document = await millrace.json('init', '--csv', 'weather.csv', '--yes', '--out', 'place.yaml', '--name', 'place');
  expect(document).toMatchObject({ pipeline: 'pipelines/place', target: 'location_is_seattle', eventTime: 'date', left: [{ column: 'location', why: 'it is what is predicted' }] });
  expect(await read('place.yaml')).toContain('location_is_seattle: { type: BOOL, source_name: location, bad_cell: missing, true_texts: [ Seattle ], false_texts: [ New York ] }');
  expect(await brought('place.yaml', 'place')).toMatchObject({ name: 'models/place/versions/1' });
}, 180_000);

it('brings real dirt to a model: names that no table takes, texts of thousands of kinds, times that lie unevenly', async () => {
  await millrace.text('init', '--csv', 'birdstrikes.csv', '--target', 'Effect Amount of damage', '--value', 'Substantial', '--name', 'strikes', '--out', 'strikes.yaml');
  expect(await read('strikes.yaml')).toContain('Cost Total: { type: INT64, required: true, source_name: Cost Total $ }');
  expect(await brought('strikes.yaml', 'strikes')).toMatchObject({ name: 'models/strikes/versions/1' });
}, 180_000);

/** Orders of one day; members and who buys much send more back. The same every time. */
function ordersCsv(): string {
  let state = 5;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const rows = Array.from({ length: 1_200 }, () => {
    const [member, items, spent] = [random() < 0.4, Math.floor(random() * 10), random() * 100];
    return `2020-01-01,${member},${random() < 0.05 ? '' : items},${spent.toFixed(6)},${random() < 0.1 + (member ? 0.4 : 0) + 0.04 * items ? 1 : 0}\n`;
  });
  return `at,member,items,spent,returned\n${rows.join('')}`;
}

it('brings zeros and ones of one day to a model, with yes and no among its inputs, and missing cells', async () => {
  await writeFile(join(directory, 'orders.csv'), ordersCsv());
  expect(await millrace.json('init', '--csv', 'orders.csv', '--yes', '--out', 'orders.yaml')).toMatchObject({ pipeline: 'pipelines/orders', target: 'returned', duplicates: '0' });
  expect(await read('orders.yaml')).toContain('  split: { by: random, evaluate: 0.25, seed: 7 }\n');
  expect(await brought('orders.yaml', 'orders')).toMatchObject({ name: 'models/orders/versions/1' });
  const { predictions } = (await millrace.json('predict', 'orders', '--row', '{"member": true, "items": 9, "spent": 50}', '--row', '{"member": false, "items": null, "spent": 50}')) as { readonly predictions: readonly { readonly score: number }[] };
  expect(predictions[0]?.score).toBeGreaterThan(predictions[1]?.score ?? 1);
}, 180_000);

it('writes over nothing, and says what it lacks', async () => {
  await writeFile(join(directory, 'mine.yaml'), 'mine\n');
  const refused = async (...args: readonly string[]) => {
    const { code, out, err } = await millrace.run('init', ...args);
    return { code, out, err: err.split('\n')[0] };
  };
  expect(await refused('--csv', 'weather.csv', '--yes', '--out', 'mine.yaml')).toEqual({ code: 2, out: '', err: 'Error: There is mine.yaml already; nothing was changed. Give another name with --out, or --force to write over it.' });
  expect(await read('mine.yaml')).toBe('mine\n');
  expect(await refused('--csv', 'airports.csv', '--yes', '--out', 'a.yaml')).toMatchObject({ code: 1, err: expect.stringContaining('No column of airports.csv holds times') as string });
  expect(await refused('--csv', 'weather.csv', '--out', 'a.yaml')).toMatchObject({ code: 2, err: 'Error: --target is not said, and nobody can be asked here; say it, or --yes to take what is proposed.' });
  expect(await refused('--csv', 'wether.csv', '--out', 'a.yaml')).toMatchObject({ code: 2, err: 'Error: Cannot read wether.csv: there is no such file.' });
  expect(await refused('--csv', 'weather.csv', '--target', 'wnd', '--out', 'a.yaml')).toMatchObject({ code: 2, err: expect.stringContaining('There is no column "wnd"; did you mean "wind"?') as string });
  await millrace.text('init', '--csv', 'weather.csv', '--yes', '--out', 'mine.yaml', '--force');
  expect(await read('mine.yaml')).toContain('pipeline: weather\n');
}, 60_000);
