import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess } from './cli-process.fixture.js';
import { shapeOf } from './json-shape.fixture.js';
import { flightsCsv, lateFile } from './late-flights.js';

const FILE = lateFile({
  description: 'A small story.',
  watch: `monitor: { name: late, window: 7d, drift: { ignore: [date] } }
triggers:
  new-data: { on: new_data }
guards: { cooldown: 7d }
`,
});

describe('the command line', () => {
  let directory: string;
  let millrace: CliProcess;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
    await writeFile(join(directory, 'flights.csv'), flightsCsv());
    await writeFile(join(directory, 'late.yaml'), FILE);
    millrace = new CliProcess(directory);
    expect(await millrace.up()).toMatchObject({ httpAddress: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), grpcAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/), dataDir: join(directory, 'data') });
  }, 120_000);
  afterAll(async () => {
    const code = await millrace.down();
    await rm(directory, { recursive: true, force: true });
    expect(code).toBe(0);
  }, 60_000);

  it('says in an empty home how things come to be', async () => {
    const [status, datasets, models, alerts, runs] = await Promise.all([millrace.text('status'), millrace.text('dataset', 'list'), millrace.text('model', 'list'), millrace.text('alerts', 'list'), millrace.text('runs', 'list')]);
    expect(status).toContain('There is no pipeline yet. Say what is wanted with `millrace apply FILE`');
    expect(datasets).toContain('There is no dataset yet; `millrace dataset ingest NAME PATH` reads one');
    expect(models).toContain('There is no model yet');
    expect(alerts).toContain('There is no alert;');
    expect(runs).toContain('There is no run yet; `millrace run PIPELINE` starts one.');
  });

  it('refuses a file that is wrong or that peeks, and keeps nothing of it', async () => {
    const refused = async (name: string, change: (file: string) => string): Promise<string> => {
      await writeFile(join(directory, `${name}.yaml`), change(FILE));
      const { code, out, err } = await millrace.run('apply', `${name}.yaml`);
      expect({ name, out, ended: code === 1 || code === 2 }).toEqual({ name, out: '', ended: true });
      return err;
    };
    const [typo, future, target, rung, gate] = await Promise.all([
      refused('typo', (file) => file.replace('ladder:', 'lader:')),
      refused('future', (file) => file.replace('features: [hour,', 'features: [delay, hour,')),
      refused('target', (file) => file.replace('features: [hour,', 'features: [late, hour,')),
      refused('rung', (file) => file.replace('estimator: trees', 'estimator: forest')),
      refused('gate', (file) => file.replace('baseline: dummy', 'baseline: logistic')),
    ]);
    expect(typo).toContain('lader: is not known here; did you mean ladder?');
    expect(future).toContain('Error: Refused: delay → features.delay: "delay" is known only after the event');
    expect(target).toContain('Error: Refused: late → features.late: "late" is the target');
    expect(rung).toContain('Error: There is no estimator "forest"; there are dummy, logistic, trees.');
    expect(gate).toContain('there is no rung "logistic"; there are dummy, trees, champion');
    expect(await millrace.json('status')).toMatchObject({ pipelines: [] });
  });

  it('applies a file once, and says what the next one would change', async () => {
    expect(await millrace.text('apply', 'late.yaml')).toMatch(/^Pipeline late 1 is applied\.\n {2}pipeline "late" is new\n {2}steps: ingest-flights → .* → monitor\nNext: millrace run late\n$/);
    expect(await millrace.text('apply', 'late.yaml')).toContain('Pipeline late means what version 1 means already; nothing changed.');
    await writeFile(join(directory, 'more.yaml'), FILE.replace('trees: 20', 'trees: 21'));
    expect(await millrace.text('apply', 'more.yaml', '--dry-run')).toMatch(/^Pipeline late would change:\n {2}ladder changed\n {2}steps: /);
    expect(await millrace.text('apply', 'more.yaml', '--plan')).toMatch(/^Pipeline late would change:\n {2}ladder changed\n\n {2}ladder\.trees\.params\.trees\n {4}- 20\n {4}\+ 21\n\n {2}steps: /);
    expect(await millrace.json('apply', 'more.yaml', '--plan')).toMatchObject({ changed: true, differences: [{ path: 'ladder.trees.params.trees', was: '20', is: '21' }] });
    expect(await millrace.json('apply', 'late.yaml', '--plan')).toMatchObject({ differences: [] });
    expect(await millrace.json('apply', 'late.yaml')).toMatchObject({ pipelineVersion: { name: 'pipelines/late/versions/1' } });
    expect(await millrace.json('schema')).toMatchObject({ title: 'Millrace pipeline file', required: expect.arrayContaining(['pipeline', 'ladder']) });
  });

  it('runs it to its end and says what came of it', async () => {
    const { code, out, err } = await millrace.run('run', 'late');
    expect({ code, told: out.split('\n').at(-2) }).toEqual({ code: 0, told: expect.stringMatching(/^PROMOTED late 1 after \d+\.\d s: log_loss of trees is better than that of dummy by /) });
    expect(err).toMatch(/^Run [0-9a-f-]{36} of late; Ctrl-C leaves it running\.\n/);
    expect(err).toContain('✔  deploy  succeeded');
    for (const step of ['ingest-flights', 'features', 'training-set', 'train', 'register', 'certify', 'materialize-departures', 'deploy', 'monitor']) expect(out).toMatch(new RegExp(`^${step} +SUCCEEDED`, 'm'));
    const { pipelineRuns } = (await millrace.json('runs', 'list')) as { readonly pipelineRuns: readonly { readonly name: string }[] };
    expect(pipelineRuns).toHaveLength(1);
    const [shown, watched] = await Promise.all([millrace.text('runs', 'show', pipelineRuns[0]?.name ?? ''), millrace.json('runs', 'watch', pipelineRuns[0]?.name ?? '')]);
    expect(shown).toContain('PROMOTED late 1 after');
    expect(watched).toMatchObject({ status: { state: 'JOB_STATE_SUCCEEDED' }, outcome: { decision: 'DECISION_PROMOTED', modelVersion: 'models/late/versions/1' } });
  });

  it('shows pipelines, endpoints and monitors', async () => {
    expect(await millrace.text('pipeline', 'list')).toMatch(/^PIPELINE +VERSION .*\nlate +1 +on /);
    expect(await millrace.text('pipeline', 'show', 'late')).toMatch(/^Pipeline late, version 1 since [^\n]*\n {2}steps {2}ingest-flights → [^]*Triggers\n[^]*late\.new-data +on new data[^]*Last runs\n/);
    expect(await millrace.json('pipeline', 'versions', 'late')).toMatchObject({ pipelineVersions: [{ name: 'pipelines/late/versions/1' }] });
    expect(await millrace.text('endpoint', 'list')).toMatch(/\nlate +late 1 +models\/late\/aliases\/champion +late\n$/);
    expect(await millrace.text('endpoint', 'show', 'late')).toMatch(/^Endpoint late\n {2}answers +late 1\n[^]*guard +out of range flag, unseen category flag, missing flag\n[^]*\ndistance +INT64 /);
    expect(await millrace.json('endpoint', 'show', 'late')).toMatchObject({ name: 'endpoints/late', modelVersion: 'models/late/versions/1' });
    expect(await millrace.text('monitor', 'list')).toMatch(/\nlate +late +7 d +PSI above 0\.25\n$/);
    expect(await millrace.text('monitor', 'show', 'late')).toMatch(/^Monitor late\n {2}endpoint +late\n {2}window +7 d, judged right after its end\n {2}alerts +on every window\n {2}drift +PSI above 0\.25 in 1 input, without date\n/);
    expect(await millrace.json('monitor', 'list')).toMatchObject({ monitors: [{ name: 'monitors/late' }] });
  });

  it('shows data', async () => {
    const [list, show, versions, inspected, document] = await Promise.all([
      millrace.text('dataset', 'list'),
      millrace.text('dataset', 'show', 'flights'),
      millrace.json('dataset', 'versions', 'flights'),
      millrace.text('dataset', 'inspect', 'flights.csv', '--event-time', 'date'),
      millrace.json('dataset', 'show', 'flights', '--version', '1'),
    ]);
    expect(list).toMatch(/^DATASET +LATEST .*\nflights +1 /);
    expect(show).toContain('2,000 read = 2,000 kept + 0 duplicates + 0 quarantined');
    expect(show).toMatch(/^distance +INT64 /m);
    expect(versions).toMatchObject({ datasetVersions: [{ name: 'datasets/flights/versions/1', rows: '2000' }] });
    expect(inspected).toContain('Nothing was written. Next: millrace dataset ingest NAME flights.csv');
    expect(document).toMatchObject({ name: 'datasets/flights/versions/1', counts: { read: '2000', kept: '2000' } });
    const column = await millrace.text('dataset', 'show', 'flights', '--column', 'distance');
    expect(column).toMatch(/^Column distance of 2,000 rows\n {2}type +INT64\n {2}missing +0 of 2,000/);
    expect(column).toMatch(/^ +FROM +ROWS\n( *[\d,]+ +\d+ +█[█▏▎▍▌▋▊▉]*\n){16,}/m);
    expect(column).toMatch(/^GOES WITH +PEARSON\ndelay +0\.\d{3}$/m);
    const { code, err } = await millrace.run('dataset', 'inspect', '/etc/hostname');
    expect({ code: code === 2 || code === 1, err }).toEqual({ code: true, err: expect.stringContaining('/etc/hostname') });
  });

  it('says what moved from one version to the next, and which row a dropped one gave way to', async () => {
    const rows = (from: number): string => Array.from({ length: 100 }, (_, i) => `${from + i},${from + (i % 50)}\n`).join('');
    await writeFile(join(directory, 'first.csv'), `id,weight\n${rows(0)}`);
    await writeFile(join(directory, 'second.csv'), `id,weight\n${rows(30)}7,1\n`);
    await millrace.text('dataset', 'ingest', 'parcels', 'first.csv', '--key', 'id');
    await millrace.text('dataset', 'ingest', 'parcels', 'second.csv', '--key', 'id');
    const [diff, document, duplicates] = await Promise.all([millrace.text('dataset', 'diff', 'parcels', 'v1', 'v2'), millrace.json('dataset', 'diff', 'parcels', '1', 'latest'), millrace.text('dataset', 'duplicates', 'parcels')]);
    expect(diff).toMatch(/^Dataset parcels 1 → parcels 2: 100 rows, then 130 \(\+30\)\n\nCOLUMN +TYPE +PSI +JS +MISSING +DISTINCT +MEAN +MEDIAN +LARGEST QUANTILE SHIFT\n/);
    expect(diff).toMatch(/^weight +INT64 +\d\.\d{3} +0\.\d{3} +50 → ≥ 50 +24\.5 → 33\.73 +24 → /m);
    expect(document).toMatchObject({ base: 'datasets/parcels/versions/1', other: 'datasets/parcels/versions/2', otherRows: '130' });
    expect(duplicates).toMatch(/^FILE +ROW +STAYS +WHAT STOOD THERE\nsecond\.csv +1 +parcels 1, row 31 +id=30, weight=30$/m);
  });

  it('shows models, and moves their aliases', async () => {
    const [list, show, versions] = await Promise.all([millrace.text('model', 'list'), millrace.text('model', 'show', 'late'), millrace.json('model', 'versions', 'late')]);
    expect(list).toMatch(/\nlate +1 /);
    expect(show).toContain('champion → version 1');
    expect(show).toMatch(/^date +TIMESTAMP +yes +2001-0\d-\d\d .* to 2001-0\d-\d\d /m);
    expect(versions).toMatchObject({ modelVersions: [{ name: 'models/late/versions/1', aliases: ['champion'], metrics: { auc: expect.any(Number) }, certificate: { rows: expect.any(String) } }] });
    expect(await millrace.text('model', 'alias', 'late', 'tried', '1', '--reason', 'to see')).toContain('tried → version 1');
    const { code, err } = await millrace.run('model', 'rollback', 'late', 'tried', '--reason', 'back');
    expect({ code, err }).toEqual({ code: 1, err: 'Error: Alias models/late/aliases/tried has pointed at one version only; there is nothing to go back to.\n' });
    expect(await millrace.json('model', 'show', 'late@champion')).toMatchObject({ name: 'models/late/versions/1', aliases: ['champion', 'tried'] });
  });

  it('predicts, takes what really happened, and tells the whole lineage of one prediction', async () => {
    await writeFile(join(directory, 'rows.jsonl'), '{"distance": 2400, "origin": "ORD"}\n{"distance": 200, "origin": "SEA"}\n');
    const { predictions } = (await millrace.json('predict', 'late', '--file', 'rows.jsonl', '--time', '2001-02-08T10:00Z')) as { readonly predictions: readonly { readonly id: string; readonly score: number }[] };
    expect(predictions).toHaveLength(2);
    const [first, second] = predictions;
    expect(first?.score).toBeGreaterThan(second?.score ?? 1);
    const people = await millrace.text('predict', 'late', '--row', '{"distance": 99999, "origin": "ORD"}', '--time', '2001-02-08T10:00Z');
    expect(people).toMatch(/^# +SCORE +ID +FLAGS\n1 +0\.\d{6} +[0-9a-f-]{36} +out of range distance/);
    expect(await millrace.text('feedback', 'late', '--label', `${first?.id}=1`)).toBe('1 of 1 label taken.\n');
    expect(await millrace.text('feedback', 'late', '--label', `${first?.id}=1`, '--label', `${second?.id}=0`)).toContain('1 of 2 labels taken. The first label of a prediction counts; 1 label came for one that had its label already.');
    const { code, out } = await millrace.piped('[{"distance": 2400, "origin": "ORD"}]', 'predict', 'late', '--json', '-', '--time', '2001-02-08T10:00Z');
    expect({ code, document: JSON.parse(out) as unknown }).toMatchObject({ code: 0, document: { predictions: [{ score: first?.score }] } });
    const tree = await millrace.text('lineage', first?.id ?? '');
    for (const kind of ['Prediction', 'Endpoint', 'ModelVersion', 'TrainingJob', 'Evaluation', 'TrainingSet', 'DatasetVersion', 'IngestionRun', 'FeatureService', 'FeatureView', 'PipelineRun']) expect(tree).toContain(` ${kind}`);
    expect(tree).toContain('label: 1');
    const { lineage } = (await millrace.json('lineage', 'late@champion')) as { readonly lineage: { readonly nodes: readonly { readonly name: string }[] } };
    expect(lineage.nodes[0]?.name).toBe('models/late/versions/1');
  });

  it('shows what is watched, and how everything stands', async () => {
    await eventually('four predictions and two labels', async () => {
      const { reports: seen } = (await millrace.json('reports', 'late')) as { readonly reports: readonly { readonly predictions?: string; readonly labels?: string }[] };
      return seen[0]?.predictions === '4' && seen[0].labels === '2';
    });
    const [reports, document, alerts, status, whole] = await Promise.all([millrace.text('reports', 'late'), millrace.json('reports', 'late'), millrace.json('alerts', 'list'), millrace.text('status'), millrace.json('status', 'late')]);
    expect(reports).toMatch(/\n2001-02-05 – 2001-02-12 +open +4 +2 +0/);
    expect(document).toMatchObject({ reports: [{ monitor: 'monitors/late', predictions: '4', labels: '2' }] });
    expect(alerts).toEqual({ alerts: [] });
    for (const title of ['Pipelines', 'Last runs', 'Triggers', 'Last firings', 'Open alerts', 'Endpoints']) expect(status).toContain(`${title}\n`);
    expect(whole).toMatchObject({ pipelines: [{ name: 'pipelines/late' }], pipelineRuns: [{ outcome: { decision: 'DECISION_PROMOTED' } }], triggers: [{ name: 'triggers/late.new-data' }], alerts: [], endpoints: [{ name: 'endpoints/late', modelVersion: 'models/late/versions/1' }] });
    expect(await millrace.text('pause', 'late')).toBe('The triggers of late start nothing until `millrace resume late`.\n');
    expect(await millrace.json('resume', 'late')).toMatchObject({ name: 'pipelines/late' });
  });

  it('reads new data by hand, and says what is not there', async () => {
    const told = await millrace.text('dataset', 'ingest', 'other', 'flights.csv', '--event-time', 'date', '--time-column', 'date', '--to', '2001-01-11');
    expect(told).toMatch(/^Dataset other 1 is there: \d+ read = \d+ kept \+ 0 duplicates \+ 0 quarantined\nNext: millrace dataset show other\n$/);
    const ends = await Promise.all([['model', 'show', 'none'], ['reports', 'none'], ['run', 'none'], ['predict', 'none', '--row', '{}'], ['alerts', 'ack', 'none'], ['runs', 'show', 'none'], ['dataset', 'show', 'none']].map((args) => millrace.run(...args)));
    for (const { code, out, err } of ends) expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringMatching(/^Error: .*none.* does not exist/) });
  });

  it('starts a run without watching it, and tells what happens in it until it ends', async () => {
    const started = await millrace.text('run', 'late', '--no-watch');
    const [, id = ''] = /^Run ([0-9a-f-]{36}) is started; `millrace run watch \1` shows it to its end\.\n$/.exec(started) ?? [];
    const followed = await millrace.text('logs', id, '-f');
    expect(followed).toMatch(/ {2}✔ {2}ingest-flights +succeeded/);
    expect(followed).toMatch(/ {2}│ {2}ingest-flights +read\n/);
    expect(followed.trimEnd().split('\n').at(-1)).toMatch(/ {2}✔ {2}run +succeeded/);
    const lines = (await millrace.text('logs', id)).trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d {2}· {2}run +created {2}pipelineRuns/${id} by manual$`));
    expect(lines.at(-1)).toMatch(/ {2}✔ {2}run +succeeded/);
    expect(await millrace.json('logs', id)).toMatchObject({ pipelineRun: { name: `pipelineRuns/${id}` }, events: expect.arrayContaining([expect.objectContaining({ step: 'run', state: 'SUCCEEDED' })]), lines: expect.arrayContaining([expect.objectContaining({ step: 'ingest-flights', text: 'read' })]) });
    const ofOne = (await millrace.text('logs', id, '--step', 'ingest-flights')).trimEnd().split('\n');
    expect(ofOne.filter((line) => !line.includes('ingest-flights'))).toEqual([]);
    expect(ofOne.some((line) => line.includes('│'))).toBe(true);
    expect(await millrace.json('run', 'list', '--pipeline', 'late')).toMatchObject({ pipelineRuns: [{ name: `pipelineRuns/${id}` }, {}] });
  });

  it('shows which rows were set aside and which cells were changed, and why', async () => {
    await writeFile(join(directory, 'dirty.csv'), 'day,n\n31 Jan 2001,1\n2001-02-01,2,3\n2001-02-02,4\n');
    await millrace.text('dataset', 'ingest', 'dirty', 'dirty.csv');
    const [shown, quarantine, ledger, document, none] = await Promise.all([millrace.text('dataset', 'show', 'dirty'), millrace.text('dataset', 'quarantine', 'dirty'), millrace.text('dataset', 'ledger', 'dirty/versions/1'), millrace.json('dataset', 'ledger', 'dirty', '--version', '1'), millrace.text('dataset', 'ledger', 'other')]);
    expect(shown).toContain('1 row with its reason: millrace dataset quarantine dirty/versions/1');
    expect(quarantine).toMatch(/dirty\.csv +2 +3 cells, and the header has 2 +2001-02-01,2,3\n/);
    expect(ledger).toMatch(/dirty\.csv +1 +day +31 Jan 2001 +2001-01-31 00:00:00 +types +repaired +a usual format\n/);
    expect(document).toMatchObject({ ledgerEntries: [{ file: 'dirty.csv', row: '1', column: 'day', found: '31 Jan 2001', action: 'ACTION_REPAIRED' }] });
    expect(none).toBe('datasets/other/versions/latest has no ledger: every cell could be read, and is what stood in the source.\n');
  });

  it('answers programs in documents whose keys and types do not change unseen', async () => {
    const first = async (list: string, ...args: readonly string[]): Promise<string> => ((await millrace.json(...args)) as Readonly<Record<string, readonly { readonly name: string }[]>>)[list]?.[0]?.name ?? '';
    const run = await first('pipelineRuns', 'run', 'list', '--pipeline', 'late');
    const { predictions } = (await millrace.json('predict', 'late', '--file', 'rows.jsonl', '--time', '2001-02-08T10:00Z')) as { readonly predictions: readonly { readonly id: string }[] };
    const lines: readonly (readonly [path: string, ...args: readonly string[]])[] = [
      ['status'],
      ['init', '--csv', 'flights.csv', '--yes', '--out', 'drafted.yaml'],
      ['apply', 'late.yaml'],
      ['pipeline list'], ['pipeline show', 'late'], ['pipeline versions', 'late'], ['pipeline pause', 'late'], ['pipeline resume', 'late'],
      ['run', 'late', '--no-watch'], ['run list', '--pipeline', 'late'], ['run show', run], ['run watch', run], ['logs', run],
      ['lineage', 'late@champion'],
      ['dataset list'], ['dataset show', 'dirty'], ['dataset versions', 'parcels'], ['dataset diff', 'parcels', '1', '2'], ['dataset quarantine', 'dirty'], ['dataset duplicates', 'parcels'], ['dataset ledger', 'dirty'],
      ['dataset ingest', 'pinned', 'flights.csv', '--event-time', 'date'], ['dataset inspect', 'dirty.csv'], ['contract infer', 'dirty.csv'],
      ['dataset rollup', 'daily', '--of', 'pinned', '--by', 'origin', '--every', '1d', '--column', 'flights=count'],
      ['feature list'], ['feature show', 'departures'], ['feature versions', 'departures'], ['materialize', 'departures'],
      ['model list'], ['model show', 'late@champion'], ['model versions', 'late'], ['model alias', 'late', 'pinned', '1', '--reason', 'to pin it'], ['plan show', 'late@champion'],
      ['endpoint list'], ['endpoint show', 'late'],
      ['predict', 'late', '--file', 'rows.jsonl', '--time', '2001-02-08T10:00Z'], ['feedback', 'late', '--label', `${predictions[0]?.id}=1`],
      ['monitor list'], ['monitor show', 'late'], ['monitor reports', 'late'],
      ['alert list'],
      ['events dlq list'],
      ['pipeline delete', 'late', '--force'], ['endpoint delete', 'late'],
    ];
    const shapes: Record<string, unknown> = {};
    for (const [path, ...args] of lines) shapes[path] = shapeOf(await millrace.json(...path.split(' '), ...args));
    await expect(`${JSON.stringify(shapes, undefined, 2)}\n`).toMatchFileSnapshot('../../cli/json-documents.json');
  }, 180_000);
});
