import { dirname } from 'node:path';
import { ColumnContract_BadCell, Comparison_Operator, Contract_KeepPolicy, Expectation_Severity, Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { IngestionRun_Mode, RollupColumn_Fold } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { LedgerEntry_Action } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { catalogue } from '@millrace/events';
import { openTables } from '@millrace/tables';
import { expect } from 'vitest';
import { columns, ended, ingest } from '../world/dirty.js';
import { cases } from './case.js';
import { reasonOf } from './job-fault.js';
import { refusalOf } from './names.cases.js';

const { datasetVersionCreated, ingestionRunFailed } = catalogue.ingestion;
const NUMBERS = columns({ a: ColumnType.INT64, b: ColumnType.STRING });

/** Datasets, their versions and the runs that make them. */
export const ingestionCases = cases({
  'a dataset is made once': async ({ ingestion }) => {
    const first = await ingestion.createDataset({ dataset: { name: 'datasets/made', description: 'by hand' }, requestId: 'made-1' });
    expect(await ingestion.createDataset({ dataset: { name: 'datasets/made', description: 'again' }, requestId: 'made-1' })).toEqual(first);
    expect(await refusalOf(ingestion.createDataset({ dataset: { name: 'datasets/made' }, requestId: 'made-2' }))).toMatchObject({ code: 'ALREADY_EXISTS', domain: 'ingestion.millrace', reason: 'DATASET_EXISTS', metadata: { name: 'datasets/made' } });
    expect(await refusalOf(ingestion.createDataset({ dataset: { name: 'datasets/made' } }))).toMatchObject({ reason: 'DATASET_EXISTS' });
    expect(await refusalOf(ingestion.createDataset({}))).toMatchObject({ reason: 'INVALID_NAME' });
    expect(await ingestion.getDataset({ name: 'datasets/made' })).toEqual(first);
    expect(first).toMatchObject({ description: 'by hand', latestVersion: '' });
  },
  'a run makes a version with its counts, its schema and its objects, and tells of it': async (home) => {
    const path = await home.source('plain.csv', 'a,b,at\n1,x,2001-01-01\n2,y,2001-01-02\n2,y,2001-01-02\n');
    const contract = { columns: [...NUMBERS, ...columns({ at: ColumnType.TIMESTAMP })], eventTime: 'at' };
    const run = await ingest(home, { dataset: 'datasets/plain', source: { path }, contract }, 'plain-1');
    expect(run).toMatchObject({ status: { state: JobState.SUCCEEDED }, datasetVersion: 'datasets/plain/versions/1', counts: { read: 3n, kept: 2n, duplicates: 1n, quarantined: 0n } });
    expect(await home.ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/plain', source: { path }, contract }, requestId: 'plain-1' })).toEqual(run);
    expect(await home.ingestion.getIngestionRun({ name: run.name })).toEqual(run);
    const version = await home.ingestion.getDatasetVersion({ name: 'datasets/plain/versions/latest' });
    expect(version).toMatchObject({ name: run.datasetVersion, rows: 2n, eventTimeMin: new Date('2001-01-01'), eventTimeMax: new Date('2001-01-02'), ingestionRun: run.name, parent: '' });
    expect(version.digest).toBe('sha256:e3f1543d6ba0b42fcbc0a9886437c99c3ef7efd4721cd26f0daeb1d3344de342');
    for (const { digest, sizeBytes } of version.objects) expect(await home.objects.size(digest)).toBe(Number(sizeBytes));
    const { datasetVersion } = await home.events.await(datasetVersionCreated, (event) => event.datasetVersion?.name === version.name);
    expect(datasetVersion).toMatchObject({ digest: version.digest, rows: 2n });
  },
  'a version appends to the latest one or takes its place': async (home) => {
    const read = async (file: string, text: string, mode: IngestionRun_Mode) => ingest(home, { dataset: 'datasets/grown', source: { path: await home.source(file, text) }, contract: { columns: NUMBERS, key: ['a'] }, mode });
    await read('grown-1.csv', 'a,b\n1,x\n', IngestionRun_Mode.APPEND);
    expect(await read('grown-2.csv', 'a,b\n1,x\n2,y\n', IngestionRun_Mode.APPEND)).toMatchObject({ datasetVersion: 'datasets/grown/versions/2', counts: { kept: 1n, duplicates: 1n } });
    expect(await read('grown-2.csv', 'a,b\n1,x\n2,y\n', IngestionRun_Mode.APPEND)).toMatchObject({ datasetVersion: 'datasets/grown/versions/2', counts: { kept: 0n } });
    await read('grown-3.csv', 'a,b\n9,z\n', IngestionRun_Mode.REPLACE);
    const [latest, appended, first] = (await home.ingestion.listDatasetVersions({ parent: 'datasets/grown' })).datasetVersions;
    expect([latest?.rows, appended?.rows, first?.rows]).toEqual([1n, 2n, 1n]);
    expect([latest?.parent, appended?.parent, first?.parent]).toEqual(['', first?.name, '']);
  },
  'a dataset is cut by days, of which a backfill replaces some': async (home) => {
    const at = { by: Partitioning_By.DAY, column: 'at' };
    const contract = { columns: columns({ id: ColumnType.INT64, at: ColumnType.TIMESTAMP }), partition: at };
    const read = async (file: string, text: string, more: object = {}) => ingest(home, { dataset: 'datasets/days', source: { path: await home.source(file, text), ...more }, contract, ...('timeFilter' in more ? { mode: IngestionRun_Mode.BACKFILL } : {}) });
    const first = await read('days-1.csv', 'id,at\n1,2001-01-01\n2,2001-01-02\n3,2001-01-03\n');
    expect(await read('days-1.csv', 'id,at\n3,2001-01-03\n1,2001-01-01\n')).toMatchObject({ unchanged: true, datasetVersion: first.datasetVersion });
    const filled = await read('days-2.csv', 'id,at\n7,2001-01-02\n8,2001-01-03\n', { timeFilter: { column: 'at', from: new Date('2001-01-02'), to: new Date('2001-01-03') } });
    const { partitions, rows } = await home.ingestion.getDatasetVersion({ name: filled.datasetVersion });
    expect([rows, ...partitions.map(({ key, since }) => `${key} since ${since.slice(-1)}`)]).toEqual([3n, '2001-01-01 since 1', '2001-01-02 since 2', '2001-01-03 since 1']);
    const monthly = await ingest(home, { dataset: 'datasets/days', source: { path: await home.source('days-1.csv', 'id,at\n1,2001-01-01\n') }, contract: { ...contract, partition: { ...at, by: Partitioning_By.MONTH } } });
    expect(reasonOf(monthly.status)).toBe('PARTITIONS_DIFFER');
  },
  'rows are pushed, known again by their key, and become a version': async (home) => {
    const dataset = 'datasets/pushed';
    const push = (text: string, requestId: string) => home.ingestion.pushRows({ dataset, rows: Buffer.from(text), requestId });
    expect(await push('{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n', 'pushed-1')).toEqual({ rows: 2n, known: false, pendingRows: 2n });
    expect(await push('[{"a":1,"b":"x"},{"a":2,"b":"y"}]', 'pushed-1')).toEqual({ rows: 2n, known: true, pendingRows: 2n });
    expect(await refusalOf(push('{"a":9}', 'pushed-1'))).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'PUSH_KEY_REUSED' });
    expect(await refusalOf(push('{"a":9}\n[]', 'pushed-2'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_REFUSED', metadata: { place: 'line 2' } });
    const run = await ingest(home, { dataset, source: { push: {} }, contract: { columns: NUMBERS } });
    expect(run).toMatchObject({ status: { state: JobState.SUCCEEDED }, counts: { read: 2n, kept: 2n } });
    expect(await ingest(home, { dataset, source: { push: {} }, contract: { columns: NUMBERS } })).toMatchObject({ unchanged: true, datasetVersion: run.datasetVersion });
  },
  'what is set aside and what is mended is accounted for': async ({ ingestion }, world) => {
    const { version: parent } = await world.dirty();
    const { quarantinedRows } = await ingestion.listQuarantinedRows({ parent });
    expect(quarantinedRows.map(({ row, cells }) => [row, cells['id']])).toEqual([[2n, 'four'], [3n, '5']]);
    const { ledgerEntries } = await ingestion.listLedgerEntries({ parent });
    expect(ledgerEntries.filter(({ column }) => column === 'amount').map(({ row, found, became }) => [row, found, became])).toEqual([[1n, 'lots', ''], [4n, 'few', ''], [5n, '1,000', '1000.0']]);
    expect(ledgerEntries.filter(({ action }) => action === LedgerEntry_Action.SET_ASIDE).map(({ row, column, reason, step }) => [row, column, reason, step])).toEqual([[2n, 'id', 'not a number', 'types'], [3n, 'at', 'not a time', 'types']]);
    const { duplicateRows } = await ingestion.listDuplicateRows({ parent });
    expect(duplicateRows.map(({ row, keptFile, keptRow, keptVersion, cells }) => [row, keptFile, keptRow, keptVersion, cells['amount']])).toEqual([[6n, '', 1n, 'datasets/dirty/versions/1', '9.0'], [7n, 'dirty-2.csv', 5n, '', '8.0']]);
    expect(await ingestion.getDatasetVersion({ name: parent })).toMatchObject({ counts: { read: 7n, kept: 3n, duplicates: 2n, quarantined: 2n } });
  },
  'a source is inspected without writing': async (home) => {
    const source = { path: await home.source('looked.csv', 'a,b\n1,x\n2,\n') };
    const { inferred, counts, profile } = await home.ingestion.inspectSource({ source });
    expect(inferred?.columns.map(({ name, type }) => [name, type])).toEqual([['a', ColumnType.INT64], ['b', ColumnType.STRING]]);
    expect(counts).toMatchObject({ read: 2n, kept: 2n });
    expect(profile).toMatchObject([{ column: 'a', min: 1, max: 2 }, { column: 'b', missing: 1n }]);
    expect(await refusalOf(home.ingestion.inspectSource({ source: { path: await home.source('looked.txt', 'a\n1\n') } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SOURCE' });
  },
  'a dataset is rolled up to groups and windows, the same in every home': async (home) => {
    const path = await home.source('finer.csv', `t,s,x\n${Array.from({ length: 300 }, (_, i) => `2001-01-01T${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}:00Z,${i % 3 === 0 ? 'a' : 'b'},${i / 10}\n`).join('')}2001-01-01T00:00:00Z,c,1e200\n2001-01-01T00:00:00Z,c,1e200\n`);
    const finer = await ingest(home, { dataset: 'datasets/finer', source: { path }, contract: { eventTime: 't', columns: columns({ t: ColumnType.TIMESTAMP, s: ColumnType.STRING, x: ColumnType.FLOAT64 }) } });
    const order = (fold: RollupColumn_Fold) => ({ dataset: 'datasets/coarser', source: { rollup: { datasetVersion: finer.datasetVersion, by: ['s'], every: { seconds: 3_600n, nanos: 0 }, columns: [{ name: 'rows', fold: RollupColumn_Fold.COUNT }, { name: 'y', fold, column: 'x', share: 0 }] } }, contract: { eventTime: 'until' }, mode: IngestionRun_Mode.REPLACE });
    const roll = (fold: RollupColumn_Fold) => ingest(home, order(fold));
    const version = await home.ingestion.getDatasetVersion({ name: (await roll(RollupColumn_Fold.SUM)).datasetVersion });
    expect(version).toMatchObject({ rows: 11n, eventTimeColumn: 'until', rollup: { datasetVersion: finer.datasetVersion, objects: 1n, objectsRead: 1n } });
    expect(reasonOf((await roll(RollupColumn_Fold.VARIANCE)).status)).toBe('ROLLUP_OVERFLOW');
    const parts = { ...order(RollupColumn_Fold.SUM), dataset: 'datasets/coarser-parts', contract: { eventTime: 'until', partition: { by: Partitioning_By.DAY, column: 'until' } } };
    expect(await home.ingestion.getDatasetVersion({ name: (await ingest(home, parts)).datasetVersion })).toMatchObject({ rows: 11n, partitions: [{ key: '2001-01-01' }], rollup: { partials: { digest: version.rollup?.partials?.digest } } });
    expect(await refusalOf(home.ingestion.createIngestionRun({ ingestionRun: { ...parts, mode: IngestionRun_Mode.BACKFILL } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SOURCE' });
  },
  'two versions are compared by schema, rows and distributions': async (home) => {
    const read = async (file: string, from: number) => ingest(home, { dataset: 'datasets/moved', source: { path: await home.source(file, `n,s\n${Array.from({ length: 200 }, (_, i) => `${from + (i % 100)},${i % 4 === 0 ? 'x' : 'y'}${i}\n`).join('')}`) }, contract: { columns: columns({ n: ColumnType.INT64, s: ColumnType.STRING }) }, mode: IngestionRun_Mode.REPLACE });
    const [first, second] = [await read('moved-1.csv', 0), await read('moved-2.csv', 50)];
    const moved = await home.ingestion.compareDatasetVersions({ name: first.datasetVersion, other: second.datasetVersion });
    expect(moved).toMatchObject({ base: first.datasetVersion, other: second.datasetVersion, sameContent: false, baseRows: 200n, otherRows: 200n, schemaChanges: [], columns: [{ column: 'n', baseMean: 49.5, otherMean: 99.5 }, { column: 's' }] });
    const [numbers, texts] = moved.columns;
    expect([(numbers?.psi ?? 0) > 1, texts?.psi, numbers?.quantiles.find(({ share }) => share === 0.5)]).toEqual([true, 0, { share: 0.5, was: 49, is: 99, shift: 1 }]);
    expect(await home.ingestion.compareDatasetVersions({ name: first.datasetVersion, other: first.datasetVersion })).toMatchObject({ sameContent: true, columns: [{ psi: 0, js: 0 }, { psi: 0, js: 0 }] });
  },
  'a contract is drafted that its source keeps': async (home) => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${['red', 'blue'][i % 2]},${i === 7 ? '' : i / 4},2001-01-${String((i % 28) + 1).padStart(2, '0')}\n`);
    const source = { path: await home.source('draft.csv', `id,colour,weight,at\n${rows.join('')}`) };
    const { contract, remarks, counts } = await home.ingestion.inferContract({ source });
    expect(counts).toMatchObject({ read: 40n, kept: 40n });
    expect(contract).toMatchObject({ key: ['id'], eventTime: 'at', columns: [{ name: 'id', required: true }, { name: 'colour' }, { name: 'weight', required: false }, { name: 'at' }] });
    expect(contract?.expectations.map(({ name }) => name)).toEqual(['id-range', 'colour-accepted', 'weight-range', 'weight-presence', 'enough-rows']);
    expect(remarks.find(({ place }) => place === 'key')?.why).toBe('no two of 40 rows have the same id');
    const run = await ingest(home, { dataset: 'datasets/drafted', source, ...(contract ? { contract } : {}) });
    expect((await home.ingestion.getDatasetVersion({ name: run.datasetVersion })).expectations.every(({ met }) => met)).toBe(true);
  },
  'rules about pairs of columns, uniqueness, presence and freshness are judged': async (home) => {
    const source = { path: await home.source('flown.csv', 'left,landed,at\n1,2,2001-01-01\n3,2,2001-01-01\n5,,2001-01-02\n') };
    const rule = (name: string, column: string, severity: Expectation_Severity, value: object) => ({ name, column, severity, rule: value as never });
    const { comparison, unique, presence, freshness } = {
      comparison: { $case: 'comparison', value: { operator: Comparison_Operator.AT_LEAST, other: 'left' } },
      unique: { $case: 'unique', value: { with: [] } },
      presence: { $case: 'presence', value: { min: 0.9 } },
      freshness: { $case: 'freshness', value: { maxAge: { seconds: 3600n, nanos: 0 } } },
    };
    const contract = { columns: columns({ left: ColumnType.INT64, landed: ColumnType.INT64, at: ColumnType.TIMESTAMP }), expectations: [rule('order', 'landed', Expectation_Severity.QUARANTINE, comparison), rule('days', 'at', Expectation_Severity.WARN, unique), rule('landing', 'landed', Expectation_Severity.WARN, presence), rule('fresh', 'at', Expectation_Severity.WARN, freshness)] };
    const run = await ingest(home, { dataset: 'datasets/flown', source, contract });
    expect(run.counts).toMatchObject({ read: 3n, kept: 2n, quarantined: 1n });
    expect((await home.ingestion.getDatasetVersion({ name: run.datasetVersion })).expectations.map(({ name, met, broken }) => [name, met, broken])).toEqual([['order', false, 1n], ['days', true, 0n], ['landing', false, 1n], ['fresh', false, 0n]]);
  },
  'a run is cancelled once': async (home) => {
    const path = await home.source('long.csv', `a,b\n${Array.from({ length: 200_000 }, (_, i) => `${i},text ${i}\n`).join('')}`);
    const run = await home.ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/cancelled', source: { path }, contract: { columns: NUMBERS } } });
    await home.ingestion.cancelIngestionRun({ name: run.name });
    expect(await ended(home.ingestion.watchIngestionRun({ name: run.name }))).toMatchObject({ status: { state: JobState.CANCELLED }, datasetVersion: '' });
    expect(await refusalOf(home.ingestion.cancelIngestionRun({ name: run.name }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'INGESTION_RUN_FINAL', metadata: { state: 'CANCELLED' } });
  },
  'a path is refused that lies where nothing may be read': async ({ ingestion, source }) => {
    const create = (path: string) => ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/outside', source: { path } } });
    expect(await refusalOf(create('s3://elsewhere/raw'))).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'SOURCE_NOT_ALLOWED', metadata: { variable: 'MILLRACE_SOURCE_BUCKETS' } });
    const fromDatabase = ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/outside', source: { postgres: { connection: 'MILLRACE_DATABASE_URL', table: 'dataset' } } } });
    expect(await refusalOf(fromDatabase)).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'SOURCE_NOT_ALLOWED', metadata: { variable: 'MILLRACE_SOURCE_CONNECTIONS' } });
    expect(await refusalOf(create('/etc/passwd'))).toMatchObject({ code: 'PERMISSION_DENIED', domain: 'objects.millrace', reason: 'PATH_NOT_ALLOWED' });
    expect(await refusalOf(create('https://example.org/a.csv'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PATH_INVALID' });
    expect(await refusalOf(create(`${await source('there.csv', 'a\n1\n')}.not`))).toMatchObject({ code: 'NOT_FOUND', reason: 'PATH_NOT_FOUND' });
  },
  'a contract that contradicts itself is refused, and the place is named': async ({ ingestion, source }) => {
    const path = await source('contract.csv', 'a,b\n1,x\n');
    const wrong: readonly (readonly [string, object])[] = [
      ['columns.a', { columns: [...NUMBERS, ...columns({ a: ColumnType.INT64 })].slice(1).concat(columns({ a: ColumnType.INT64 })) }],
      ['columns.1st', { columns: columns({ '1st': ColumnType.INT64 }) }],
      ['key', { columns: NUMBERS, key: ['c'] }],
      ['event_time', { columns: NUMBERS, eventTime: 'a' }],
      ['keep', { columns: NUMBERS, keep: Contract_KeepPolicy.NEWEST }],
      ['newest_by', { columns: NUMBERS, newestBy: 'a' }],
      ['columns.a.units', { columns: [{ name: 'a', type: ColumnType.INT64, units: [{ text: 'km', factor: 0 }] }] }],
      ['columns.a.formats', { columns: [{ name: 'a', type: ColumnType.TIMESTAMP, formats: ['%Q'] }] }],
      ['max_quarantined_share', { columns: NUMBERS, maxQuarantinedShare: 2 }],
      ['expectations.e', { columns: NUMBERS, expectations: [{ name: 'e', column: 'a', severity: Expectation_Severity.WARN }] }],
    ];
    for (const [place, contract] of wrong) expect(await refusalOf(ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/contract', source: { path }, contract } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_CONTRACT', metadata: { place } });
    expect(await refusalOf(ingestion.createIngestionRun({ ingestionRun: { dataset: 'datasets/contract' } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SOURCE' });
  },
  'a run fails over what its source holds, says why, and tells of it': async (home) => {
    const failed = columns({ a: ColumnType.INT64, b: ColumnType.STRING }, ColumnContract_BadCell.FAIL);
    const aside = columns({ a: ColumnType.INT64, b: ColumnType.STRING }, ColumnContract_BadCell.QUARANTINE);
    const wide = Array.from({ length: 3_000 }, (_, i) => `c${i}`).join(',');
    const expectation = { name: 'many', severity: Expectation_Severity.FAIL, rule: { $case: 'rowCount' as const, value: { min: 10n } } };
    const sources: readonly (readonly [string, string, string, object | undefined])[] = [
      ['SOURCE_EMPTY', 'empty.csv', '', undefined],
      ['SOURCE_UNREADABLE', 'twice.csv', 'a,b,a\n1,2,3\n', undefined],
      ['COLUMN_MISSING', 'missing.csv', 'a,x\n1,2\n', { columns: NUMBERS }],
      ['COLUMN_EXTRA', 'extra.csv', 'a,b,x\n1,2,3\n', { columns: NUMBERS }],
      ['TOO_MANY_COLUMNS', 'wide.csv', `${wide}\n${wide}\n`, undefined],
      ['BAD_CELL', 'cell.csv', 'a,b\nzwei,y\n', { columns: failed }],
      ['EXPECTATION_FAILED', 'few.csv', 'a,b\n1,x\n', { columns: NUMBERS, expectations: [expectation] }],
      ['TOO_MANY_QUARANTINED', 'bad.csv', 'a,b\n1,x\nzwei,y\n', { columns: aside, maxQuarantinedShare: 0.1 }],
    ];
    const runs = await Promise.all(sources.map(async ([reason, file, text, contract]) => [reason, await ingest(home, { dataset: 'datasets/failed', source: { path: await home.source(file, text) }, ...(contract ? { contract } : {}) })] as const));
    for (const [reason, run] of runs) expect({ reason: reasonOf(run.status), state: run.status?.state, version: run.datasetVersion }).toEqual({ reason, state: JobState.FAILED, version: '' });
    for (const [, { name }] of runs) await home.events.await(ingestionRunFailed, ({ ingestionRun }) => ingestionRun?.name === name);
    const { ingestionRuns } = await home.ingestion.listIngestionRuns({ filter: 'dataset=datasets/failed AND state=FAILED' });
    expect(ingestionRuns.map(({ name }) => name).sort()).toEqual(runs.map(([, { name }]) => name).sort());
  },
  'a column that holds lists is refused': async (home) => {
    const path = await home.source('lists.parquet', '');
    await using tables = await openTables({ allow: [dirname(path)] });
    await tables.run(`COPY (SELECT [1, 2] AS a, 'x' AS b) TO '${path}' (FORMAT parquet)`);
    expect(reasonOf((await ingest(home, { dataset: 'datasets/lists', source: { path }, contract: { columns: NUMBERS } })).status)).toBe('COLUMN_UNSUPPORTED');
  },
  'what is appended must have the same columns': async (home) => {
    const read = async (file: string, text: string, types: Readonly<Record<string, ColumnType>>) => ingest(home, { dataset: 'datasets/same', source: { path: await home.source(file, text) }, contract: { columns: columns(types) } });
    await read('same-1.csv', 'a\n1\n', { a: ColumnType.INT64 });
    expect(reasonOf((await read('same-2.csv', 'a\nx\n', { a: ColumnType.STRING })).status)).toBe('SCHEMA_DIFFERS');
  },
});
