import { COLUMN_TYPES, type ColumnType } from '@millrace/core';
import fc from 'fast-check';
import type { ColumnContract } from './column-contract.js';
import { checkContract, type Contract } from './contract.js';
import type { Expectation, Rule } from './expectation-rule.js';
import type { Format } from './reading/source.js';

/** How many cases a search tries unless it is told, and from which seed: MILLRACE_FUZZ_RUNS=10000 takes its time; MILLRACE_SEED repeats a run. */
export const fuzzRuns = (usual: number): number => Number(process.env['MILLRACE_FUZZ_RUNS'] ?? usual);
export const FUZZ_SEED = Number(process.env['MILLRACE_SEED'] ?? 20_260_405);

/** Names of columns, easy and hard ones. */
export const NAMES = ['a', 'A', 'b', 'id', 'select', 'order', 'group by', 'null', '_row', '_file', 'c0', 'ü', '名前', 'a b', 'a.b', 'x-y', '1st', 'or"der', "it's", 'a,b', 'a;b', '%s', '$1', '__proto__', 'constructor', '😀', '', ' '];
const CELLS = [
  '', ' ', '0', '1', '-1', '2', '1.5', '-0', '1e3', '1e400', '-1e400', '1e-400', '5e-324', '1.7976931348623157e308', '9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '2147483648', '170141183460469231731687303715884105728',
  '0.1234567890123456789', '1,234', '1.234,5', '1 234', '12 km', '3kg', '50%', 'NaN', 'inf', '-Infinity', 'true', 'FALSE', 'yes', 'n', 'ja', 'null', 'NULL', 'n/a', '2001-01-31', '2001-02-30', '2001-01-31T08:00:00+02:00', '31 Jan 2001', '31.01.2001',
  '0001-01-01', '294247-01-10 04:00:54.775807', 'infinity', 'x', 'ß', 'İ', '名', '😀', '\u0301', '\u202e', "'; DROP TABLE staged; --", '"', 'a\nb', 'a\r\nb', '\t', '\\', '{}', '[1]', '{"a":1}', '\u0000', '\uffff', 'é'.repeat(300),
];

/** A table as it is written to a file. */
export interface Sheet {
  readonly format: Format;
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** What most cells of each column are, where they were drawn so. */
  readonly types?: readonly ColumnType[];
}

const cell = fc.oneof({ arbitrary: fc.constantFrom(...CELLS), weight: 5 }, fc.integer({ min: -5, max: 5 }), fc.double(), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary', maxLength: 5 }));
/** Few values a column, so that keys repeat. */
export const sheet = fc
  .record({ format: fc.constantFrom<Format>('CSV', 'CSV', 'JSON_LINES', 'JSON'), names: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 5 }), height: fc.nat({ max: 10 }), pool: fc.array(cell, { minLength: 1, maxLength: 6 }) })
  .chain(({ format, names, height, pool }) => fc.record({ format: fc.constant(format), names: fc.constant(names), rows: fc.array(fc.tuple(...names.map(() => fc.constantFrom(...pool))), { minLength: height, maxLength: height }) }));

const TIDY: Readonly<Record<ColumnType, readonly string[]>> = {
  BOOL: ['true', 'false', 'true', 'false', ''],
  INT64: ['0', '1', '2', '-3', '17', '400', '65536', '9007199254740993', '9223372036854775807', '-9223372036854775807', '-9223372036854775808', ''],
  FLOAT64: ['0', '-0', '1', '1.5', '-2.25', '0.1', '3.75', '1e3', '1e300', '-1e300', '5e-324', '3.4028235677973366e38', '1.7976931348623157e308', 'NaN', 'inf', '-inf', ''],
  STRING: ['red', 'green', 'blue', 'Red', 'é', 'e\u0301', '日本', '😀', "o'clock", 'a"b', 'a=b', 'null', 'x y', '\uffff', ' padded ', ''],
  TIMESTAMP: ['2001-01-31', '2000-02-29T00:00:00Z', '2024-02-29T23:59:59.999Z', '1969-12-31T23:59:59.999999Z', '1900-03-01T00:00:00Z', '2024-03-31T01:00:00Z', '0001-01-01', '9999-12-31T23:59:59Z', '290000-12-31', 'infinity', ''],
};
const EASY = ['a', 'A', 'b', 'id', 'select', 'order', 'group by', 'null', 'c0', 'a b', 'a.b', 'x-y'];
/** Columns whose cells mostly are of one type, so that rows are kept and steps have something to learn. */
export const tidySheet = fc
  .record({ format: fc.constantFrom<Format>('CSV', 'CSV', 'JSON_LINES', 'JSON'), columns: fc.uniqueArray(fc.record({ name: fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...EASY) }, { weight: 1, arbitrary: fc.constantFrom(...NAMES) }), type: fc.constantFrom(...COLUMN_TYPES), wild: fc.nat({ max: 15 }) }), { minLength: 2, maxLength: 6, selector: ({ name }) => name.toLowerCase() }), height: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 8, max: 30 }) }, { weight: 1, arbitrary: fc.nat({ max: 7 }) }) })
  .chain(({ format, columns, height }) => fc.record({
    format: fc.constant(format),
    names: fc.constant(columns.map(({ name }) => name)),
    types: fc.constant(columns.map(({ type }) => type)),
    rows: fc.tuple(...columns.map(({ type, wild }) => fc.subarray([...TIDY[type]], { minLength: 3 }).chain((pool) => fc.array(wild === 0 ? cell : fc.constantFrom(...pool), { minLength: height, maxLength: height })))).map((cells) => Array.from({ length: height }, (_, row) => cells.map((column) => column[row] ?? null))),
  }));

/** What is written, and how many records it has. */
export function write({ format, names, rows }: Sheet): { readonly text: string; readonly records: number } {
  if (format === 'CSV') return { text: [names, ...rows].map((cells) => `${cells.map((one) => `"${String(one ?? '').replaceAll('"', '""')}"`).join(',')}\n`).join(''), records: rows.length };
  const objects = rows.map((cells) => JSON.stringify(Object.fromEntries(names.map((name, i) => [name, cells[i]]))));
  return { text: format === 'JSON' ? `[${objects.join(',')}]` : objects.map((line) => `${line}\n`).join(''), records: rows.length };
}

const rarely = fc.nat({ max: 19 }).map((chance) => chance === 0);
const column = (sourceName: string, index: number, type?: ColumnType): fc.Arbitrary<ColumnContract> =>
  fc.record({
    name: fc.constantFrom(`column ${index}`, /^[a-z][a-z0-9_ .-]*$/.test(sourceName) ? sourceName : `c ${index}`),
    type: type === undefined ? fc.constantFrom(...COLUMN_TYPES) : fc.constantFrom(...COLUMN_TYPES, ...Array.from({ length: 20 }, () => type)),
    required: type === undefined ? fc.boolean() : rarely,
    sourceName: fc.oneof({ arbitrary: fc.constant(sourceName), weight: type === undefined ? 30 : 150 }, fc.constant('nobody')),
    missingTexts: fc.constantFrom([], ['n/a'], ['null', '0']),
    badCell: type === undefined ? fc.constantFrom('QUARANTINE', 'QUARANTINE', 'MISSING', 'FAIL') : rarely.map((is) => (is ? 'FAIL' : 'MISSING')),
    format: fc.constant(''),
  }).chain((plain) => fc.constantFrom<ColumnContract>(plain, plain, { ...plain, ...MORE[plain.type] }));

const MORE: Record<ColumnContract['type'], Partial<ColumnContract>> = {
  INT64: { numbers: { thousands: '.', decimal: ',' }, units: [{ text: 'km', factor: 1000 }, { text: 'kg', factor: 0.5 }], bits: 32 },
  FLOAT64: { numbers: { thousands: ' ', decimal: ',' }, units: [{ text: 'km', factor: 1e300 }] },
  BOOL: { words: { true: ['ja', '0'], false: ['n', '1'] } },
  TIMESTAMP: { format: '%d.%m.%Y', formats: ['%Y-%m-%d', '%d %b %Y'] },
  STRING: {},
};

const rule = (names: readonly string[]): fc.Arbitrary<Rule> =>
  fc.oneof(
    fc.record({ kind: fc.constant('range' as const), min: fc.constantFrom(-1, 0, 2 ** 53), max: fc.constantFrom(1, 1e300, 2 ** 63) }),
    fc.constant({ kind: 'accepted' as const, values: ['x', "'", '😀'] }),
    fc.constantFrom({ kind: 'pattern' as const, regex: '[a-z]*' }, { kind: 'pattern' as const, regex: '(' }),
    fc.constant({ kind: 'not-null' as const }),
    fc.constantFrom({ kind: 'row-count' as const, min: 1n }, { kind: 'row-count' as const, max: 2n }),
    fc.constant({ kind: 'missing-share' as const, max: 0.5 }),
    fc.constant({ kind: 'presence' as const, min: 0.5 }),
    fc.record({ kind: fc.constant('unique' as const), with: fc.subarray([...names], { maxLength: 1 }) }),
    fc.constant({ kind: 'freshness' as const, maxAgeMs: 1000 }),
    fc.record({ kind: fc.constant('comparison' as const), operator: fc.constantFrom('EQUAL' as const, 'LESS' as const, 'AT_LEAST' as const), other: fc.constantFrom(...names), missingBreaks: fc.boolean() }),
  );

const OPEN: Contract = { columns: [], key: [], keep: 'FIRST', expectations: [], eventTime: '', extraColumns: 'DROP', maxQuarantinedShare: 0 };
/** A contract for a file, mostly a sound one. */
export const contractFor = (given: Sheet): fc.Arbitrary<Contract> => fc.tuple(anyContract(given), fc.nat({ max: 9 })).map(([contract, chance]) => (chance === 0 ? contract : sound(contract)));
const anyContract = ({ names, types }: Sheet): fc.Arbitrary<Contract> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(OPEN) },
    {
      weight: 4,
      arbitrary: fc.tuple(...names.map((name, i) => column(name, i, types?.[i]))).chain((columns) => {
        const called = columns.map(({ name }) => name);
        const times = columns.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => name);
        return fc.record({
          columns: fc.constant(columns),
          key: types ? fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(called)) : fc.subarray(called),
          keep: fc.constantFrom<Contract['keep']>('FIRST', 'LAST', 'NONE', 'NEWEST'),
          expectations: fc.array(fc.record({ severity: fc.constantFrom<Expectation['severity']>('WARN', 'WARN', 'QUARANTINE', 'FAIL'), column: fc.constantFrom(...called), rule: rule(called) }), { maxLength: 3 }).map((list) => list.map((one, i) => ({ ...one, name: `rule ${i}` }))),
          eventTime: fc.constantFrom('', ...times),
          extraColumns: fc.constantFrom<Contract['extraColumns']>('DROP', 'FAIL'),
          maxQuarantinedShare: fc.constantFrom(0, 0, 0, 0.5),
        });
      }),
    },
  );

/** Most contracts are to be sound: rules that contradict theirs are left out, and the policy that needs a time. */
function sound(contract: Contract): Contract {
  const bare = { ...contract, expectations: [], ...(contract.keep === 'NEWEST' && contract.eventTime === '' ? { keep: 'LAST' as const } : {}) };
  return { ...bare, expectations: contract.expectations.filter((expectation) => isSound({ ...bare, expectations: [expectation] })) };
}

function isSound(contract: Contract): boolean {
  try {
    return checkContract(contract) === contract;
  } catch {
    return false;
  }
}
