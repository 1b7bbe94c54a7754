import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';
import { flightsCsv, lateFile } from './late-flights.js';

const ON_DEMAND = `on_demand_views:
  asked:
    description: What is asked for, against what the airport is used to.
    owner: bea
    request: { distance: INT64, date: TIMESTAMP }
    reads: [{ view: departures, prefix: of_, keys: { airport: origin } }]
    formulas:
      share_a_mile: of_late_share / distance
      evening: hour(date) >= 18 and of_late_share > 0.2
feature_services:`;
const FILE = lateFile({ watch: '' })
  .replace('pipeline: late\n', 'pipeline: late\nowner: ann\ntags: { domain: flights }\n')
  .replace('feature_services:', ON_DEMAND)
  .replace('keys: { airport: origin } }]\ntraining', 'keys: { airport: origin } }, { view: asked }]\ntraining')
  // The log keeps inputs of the model only: so that features can be computed again, their key is one.
  .replace('    - dateparts', '    - frequency: { column: origin, as: traffic }\n    - dateparts')
  .replace('features: [hour, distance, origin_late_share]', 'features: [hour, distance, traffic, origin_late_share, share_a_mile, evening]');

describe('features on demand, from the file to a prediction', () => {
  let directory: string;
  let millrace: CliProcess;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-on-demand-'));
    await writeFile(join(directory, 'flights.csv'), flightsCsv());
    await writeFile(join(directory, 'late.yaml'), FILE);
    millrace = new CliProcess(directory);
    await millrace.up();
  }, 120_000);
  afterAll(async () => {
    const code = await millrace.down();
    await rm(directory, { recursive: true, force: true });
    expect(code).toBe(0);
  }, 60_000);

  it('are refused where they name what is not there, or what no request can bring', async () => {
    const refused = async (from: string, to: string): Promise<string> => {
      await writeFile(join(directory, 'wrong.yaml'), FILE.replace(from, to));
      return (await millrace.run('apply', 'wrong.yaml')).err;
    };
    expect(await refused('of_late_share / distance', 'of_late_share / miles')).toContain('on_demand_views.asked.formulas.share_a_mile: it reads "miles", which is neither a column of the request nor a feature that the view reads; there are distance, date, of_late_share');
    expect(await refused('request: { distance: INT64, date: TIMESTAMP }', 'request: { distance: INT64, date: TIMESTAMP, delay: INT64 }')).not.toContain('Refused');
    const leak = FILE.replace('request: { distance: INT64,', 'request: { delay: INT64, distance: INT64,').replace('of_late_share / distance', 'of_late_share / delay');
    await writeFile(join(directory, 'leak.yaml'), leak);
    expect((await millrace.run('apply', 'leak.yaml')).err).toContain('Error: Refused: delay → on_demand_views.asked.request.delay → on_demand_views.asked.formulas.share_a_mile → feature_services.late → training.features: "delay" is known only after the event');
  });

  it('train, serve and agree with history to the bit', async () => {
    await millrace.text('apply', 'late.yaml');
    expect(await millrace.text('plan', 'show', 'late.yaml')).toContain('share_a_mile FLOAT64?  evening FLOAT64?  from the inputs');
    expect(await millrace.text('run', 'late')).toContain('PROMOTED late 1 after');
    const rows = Array.from({ length: 40 }, (_, i) => ({ ...(i % 9 === 8 ? {} : { distance: 100 + i * 50 }), origin: ['ORD', 'SEA', 'ATL', 'JFK'][i % 4] }));
    await writeFile(join(directory, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const { predictions } = (await millrace.json('predict', 'late', '--file', 'rows.jsonl', '--time', '2001-02-08T19:30Z')) as { readonly predictions: readonly { readonly flags?: readonly { readonly column: string; readonly kind: string }[] }[] };
    // Without a distance there is nothing to divide by; the other formula does not need one.
    expect(predictions.map(({ flags = [] }) => flags.flatMap(({ column, kind }) => (kind === 'NOT_FOUND_FEATURE' ? [column] : [])))).toEqual(rows.map(({ distance }) => (distance === undefined ? ['share_a_mile'] : [])));
    expect(await millrace.json('feature', 'check', 'late')).toMatchObject({ vectors: '40', values: '120', features: [{ feature: 'evening', values: '40' }, { feature: 'origin_late_share', values: '40' }, { feature: 'share_a_mile', values: '40' }] });
  });

  it('stand in the catalogue with who answers for them, and the plan of the model with what it reads', async () => {
    const [list, show, plan, document] = await Promise.all([millrace.text('feature', 'list', '--owner', 'bea'), millrace.text('feature', 'show', 'asked'), millrace.text('plan', 'show', 'late@1'), millrace.json('feature', 'show', 'departures')]);
    expect(list).toMatch(/^asked +1 +on demand +2 +bea +domain:flights +What is asked for, against what the airport is used to\.$/m);
    expect(show).toMatch(/^evening +FLOAT64 +hour\(date\) >= 18 and of_late_share > 0\.2$/m);
    expect(plan).toMatch(/^├─ dateparts2 dateparts, transform\n│ {4}← date TIMESTAMP {2}from the inputs\n│ {4}→ hour FLOAT64\n/m);
    expect(document).toMatchObject({ featureView: { owner: 'ann', tags: { domain: 'flights' }, freshness: { datasetVersion: 'datasets/flights/versions/1' } } });
  });

  it('have versions that say what changed', async () => {
    await writeFile(join(directory, 'late.yaml'), FILE.replace('>= 18', '>= 17').replace('owner: ann', 'owner: carl'));
    await millrace.text('apply', 'late.yaml');
    expect((await millrace.run('run', 'late')).out).toContain('late 2');
    expect(await millrace.text('feature', 'versions', 'asked')).toMatch(/^ +2 .* feature evening: hour\(date\) >= 18 and of_late_share > 0\.2 → hour\(date\) >= 17 and of_late_share > 0\.2\n +1 .* the first$/m);
    expect(await millrace.text('feature', 'diff', 'asked', '1', '2')).toContain('version 1 → 2: 1 part changed');
    expect(await millrace.json('feature', 'show', 'departures')).toMatchObject({ featureView: { owner: 'carl', version: 1 } });
  });
});
