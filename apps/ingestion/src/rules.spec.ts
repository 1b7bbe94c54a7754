import { Comparison_Operator, Contract_KeepPolicy, type Expectation, Expectation_Severity } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const { WARN, QUARANTINE, FAIL } = Expectation_Severity;
const rule = (column: string, value: Expectation['rule'], severity = WARN, name = 'rule'): Expectation => ({ name, severity, column, rule: value });
const compare = (operator: Comparison_Operator, other: string, missingBreaks = false): Expectation['rule'] => ({ $case: 'comparison', value: { operator, other, missingBreaks } });
const unique = (...others: string[]): Expectation['rule'] => ({ $case: 'unique', value: { with: others } });
const ingest = (name: string, content: string, columns: Parameters<typeof contractOf>[0], expectations: Expectation[], more: { readonly dataset?: string; readonly key?: string[] } = {}) =>
  ingestion.ingest(name, content, { contract: contractOf(columns, { expectations, key: more.key ?? [] }), ...(more.dataset ? { dataset: more.dataset } : {}) });
const results = async (run: { datasetVersion: string }) => (await ingestion.client.getDatasetVersion({ name: run.datasetVersion })).expectations.map(({ met, broken, observed }) => [met, Number(broken), observed]);

const TIMES = 'left,landed\n2001-01-01 08:00,2001-01-01 09:00\n2001-01-01 08:00,2001-01-01 07:00\n2001-01-01 08:00,\n2001-01-01 08:00,2001-01-01 08:00\n';

it('sets aside the rows in which one column does not stand to another as it must, and tolerates a missing cell', async () => {
  const run = await ingest('flights.csv', TIMES, { left: 'TIMESTAMP', landed: 'TIMESTAMP' }, [rule('landed', compare(Comparison_Operator.AT_LEAST, 'left'), QUARANTINE, 'lands later')]);
  expect(countsOf(run)).toMatchObject({ read: 4, kept: 3, quarantined: 1 });
  expect((await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion })).quarantinedRows.map(({ row, reasons }) => `${row} ${reasons}`)).toEqual(['2 lands later: landed is not at least left']);
  expect(await results(run)).toEqual([[false, 1, 'landed must be at least left: 1 rows are not']]);
});

it('sets aside rows with a missing cell as well where the comparison says so, and fails the run where its severity says so', async () => {
  const columns = { left: 'TIMESTAMP', landed: 'TIMESTAMP' } as const;
  expect(countsOf(await ingest('flights.csv', TIMES, columns, [rule('landed', compare(Comparison_Operator.GREATER, 'left', true), QUARANTINE)]))).toMatchObject({ kept: 1, quarantined: 3 });
  expect(faultOf(await ingest('flights.csv', TIMES, columns, [rule('landed', compare(Comparison_Operator.GREATER, 'left'), FAIL)]))).toMatchObject({ reason: 'EXPECTATION_FAILED', message: expect.stringContaining('landed must be greater than left: 2 rows are not') });
});

it('compares integers beyond 2^53 with decimals and with bounds to the last digit', async () => {
  const content = 'i,x\n9007199254740993,9007199254740992\n9007199254740992,9007199254740992\n9007199254740991,9007199254740992.0\n';
  const columns = { i: 'INT64', x: 'FLOAT64' } as const;
  const equal = await ingest('digits.csv', content, columns, [rule('i', compare(Comparison_Operator.EQUAL, 'x'))]);
  expect((await results(equal))[0]?.slice(0, 2)).toEqual([false, 2]);
  const most = await ingest('digits.csv', content, columns, [rule('i', { $case: 'range', value: { max: 2 ** 53 } })]);
  expect((await results(most))[0]?.slice(0, 2)).toEqual([false, 1]);
  const beyond = await ingest('digits.csv', content, columns, [rule('i', { $case: 'range', value: { min: -1e300, max: 1e300 } })]);
  expect((await results(beyond))[0]?.slice(0, 2)).toEqual([true, 0]);
});

it('counts the rows that repeat a value, in the run and in the version that it appends to', async () => {
  const [columns, more] = [{ id: 'INT64', day: 'INT64' } as const, { dataset: 'datasets/once', key: ['id', 'day'] }];
  const first = await ingest('once-1.csv', 'id,day\n1,1\n1,2\n2,1\n,3\n,4\n', columns, [rule('id', unique()), rule('id', unique('day'), FAIL, 'both')], more);
  expect(await results(first)).toEqual([[false, 1, 'id must be different in every row: 1 rows repeat another'], [true, 0, 'id must be different in every row, taken together with day: every row']]);
  const second = await ingest('once-2.csv', 'id,day\n2,7\n3,1\n3,2\n', columns, [rule('id', unique())], more);
  expect((await results(second))[0]?.slice(0, 2)).toEqual([false, 2]);
});

it('asks how old the newest time is, of the version that is appended to as well', async () => {
  const fresh = (days: number): Expectation['rule'] => ({ $case: 'freshness', value: { maxAge: { seconds: BigInt(days * 86_400), nanos: 0 } } });
  const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString();
  const columns = { at: 'TIMESTAMP' } as const;
  const dataset = 'datasets/fresh';
  expect((await results(await ingest('new.csv', `at\n${day(1)}\n${day(9)}\n`, columns, [rule('at', fresh(2))], { dataset })))[0]?.[0]).toBe(true);
  const later = await ingest('old.csv', `at\n${day(5)}\n`, columns, [rule('at', fresh(2))], { dataset });
  expect((await results(later))[0]?.[0]).toBe(true);
  const stale = await ingest('stale.csv', `at\n${day(5)}\n`, columns, [rule('at', fresh(2), FAIL)]);
  expect(faultOf(stale)).toMatchObject({ reason: 'EXPECTATION_FAILED', message: expect.stringMatching(/at must be at most 2 days old: the newest is of .*, 5 days ago/) });
});

it('asks in which share of the rows a cell is there', async () => {
  const presence = (min: number): Expectation['rule'] => ({ $case: 'presence', value: { min } });
  const run = await ingest('gaps.csv', 'a,b\n1,1\n2,\n3,3\n4,4\n', { a: 'INT64', b: 'INT64' }, [rule('b', presence(0.75)), rule('b', presence(0.8), WARN, 'more')]);
  expect(await results(run)).toEqual([[true, 1, 'b must be there in at least 0.75 of the rows: there in 0.750'], [false, 1, 'b must be there in at least 0.8 of the rows: there in 0.750']]);
});

it.each([
  ['a uniqueness that quarantines', rule('a', unique(), QUARANTINE), 'keep to none'],
  ['a comparison of unlike columns', rule('a', compare(Comparison_Operator.EQUAL, 's')), 'only columns of one kind'],
  ['a comparison with an unknown column', rule('a', compare(Comparison_Operator.EQUAL, 'nobody')), 'is not in the contract'],
  ['a comparison with itself', rule('a', compare(Comparison_Operator.EQUAL, 'a')), 'with itself'],
  ['freshness of a number', rule('a', { $case: 'freshness', value: { maxAge: { seconds: 1n, nanos: 0 } } }), 'needs a time'],
  ['a presence beyond all', rule('a', { $case: 'presence', value: { min: 2 } }), 'between 0 and 1'],
  ['a range without inside', rule('a', { $case: 'range', value: { min: 2, max: 1 } }), 'turn them round'],
])('refuses %s, and names the place', async (_, expectation, says) => {
  const refused = ingestion.create(ingestion.file('gaps.csv', 'a,s\n1,x\n'), { contract: contractOf({ a: 'INT64', s: 'STRING' }, { expectations: [expectation], keep: Contract_KeepPolicy.FIRST }) });
  await expect(refused).rejects.toMatchObject({ reason: 'INVALID_CONTRACT', metadata: { place: 'expectations.rule' }, message: expect.stringContaining(says) });
});

it('refuses a pattern that is none before it reads a row', async () => {
  const run = await ingest('patterns.csv', 's\nx\n', { s: 'STRING' }, [rule('s', { $case: 'pattern', value: { regex: '(' } })]);
  expect(faultOf(run)).toMatchObject({ state: 'FAILED', reason: 'INVALID_CONTRACT', message: expect.stringContaining('no regular expression') });
});
