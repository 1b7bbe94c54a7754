import type { Table, TableColumn } from '@millrace/contracts/millrace/type/v1/value';
import type { Schema } from '@millrace/core';
import { expect, it } from 'vitest';
import type { FeatureView } from '../feature-view.js';
import { foldRows } from './fold.js';
import { MAX_PUSH_ROWS } from './pushed-table.js';

const view: FeatureView = {
  view: 'v',
  description: '',
  entity: 'thing',
  dataset: 'd',
  keyColumns: ['key'],
  joinKeys: ['key'],
  eventTime: 'at',
  knowledge: { column: '', delay: 0, terms: [] },
  ttl: 0,
  tile: 1_000_000,
  derived: [],
  features: [
    { name: 'sum', column: 'amount', aggregation: 'SUM', window: 1_000_000 },
    { name: 'count', column: 'count', aggregation: 'SUM', window: 1_000_000 },
  ],
};
const schema: Schema = [
  { name: 'key', type: 'STRING', nullable: false },
  { name: 'at', type: 'TIMESTAMP', nullable: false },
  { name: 'amount', type: 'FLOAT64', nullable: true },
  { name: 'count', type: 'INT64', nullable: true },
];

const columns = {
  key: { name: 'key', cells: { kind: { $case: 'strings', value: { values: ['a', 'b'] } } }, missing: [] },
  at: { name: 'at', cells: { kind: { $case: 'timestamps', value: { values: [-1n, 5n] } } }, missing: [] },
  amount: { name: 'amount', cells: { kind: { $case: 'float64s', value: { values: [0.5, 2] } } }, missing: [false, true] },
  count: { name: 'count', cells: { kind: { $case: 'int64s', value: { values: [2n ** 62n, 1n] } } }, missing: [] },
} satisfies Record<string, TableColumn>;
const tableOf = (change: Partial<Record<keyof typeof columns, TableColumn>> = {}): Table => ({ rows: 2, columns: Object.values({ ...columns, ...change }) });
const fold = (table: Table) => foldRows(view, table, { schema });

it('folds rows into tiles of knowledge, each column with its exact sum', () => {
  expect(fold(tableOf())).toEqual({
    knownThrough: 5,
    delta: {
      tiles: [
        { key: 'a', tile: -1, rows: 1, last: -1, counts: [1, 1], sums: [500_000, 2n ** 62n], lows: [0.5, 2n ** 62n], highs: [0.5, 2n ** 62n] },
        { key: 'b', tile: 0, rows: 1, last: 5, counts: [0, 1], sums: [0, 1], lows: [Infinity, 1], highs: [-Infinity, 1] },
      ],
      latest: [],
      older: [],
    },
  });
});

it('takes whole numbers for a column of doubles', () => {
  expect(fold(tableOf({ amount: { ...columns.amount, cells: columns.count.cells, missing: [true, false] } })).delta.tiles[1]).toMatchObject({ counts: [1, 1], sums: [1_000_000, 1] });
});

it('names the column that is missing, and those that are there', () => {
  const table = { rows: 2, columns: [columns.key, columns.at, columns.count] };
  expect(() => fold(table)).toThrow('The pushed table lacks column "amount", which featureViews/v reads; it has: key, at, count.');
});

it.each([
  ['whole numbers for times, whose unit nobody knows', { at: { ...columns.at, cells: columns.count.cells } }, 'Column "at" of the pushed table holds int64s, and featureViews/v needs timestamps.'],
  ['doubles for a column of whole numbers, where a sum would not be exact', { count: { ...columns.count, cells: columns.amount.cells } }, 'Column "count" of the pushed table holds float64s, and featureViews/v needs int64s.'],
  ['texts for numbers', { amount: { ...columns.amount, cells: columns.key.cells } }, 'Column "amount" of the pushed table holds strings, and featureViews/v needs float64s.'],
  ['fewer cells than rows', { key: { ...columns.key, cells: { kind: { $case: 'strings', value: { values: ['a'] } } } } }, 'Column "key" of the pushed table holds 1 cells, and featureViews/v needs 2.'],
  ['fewer flags than rows', { amount: { ...columns.amount, missing: [true] } }, 'Column "amount" of the pushed table holds 1 flags of missing cells, and featureViews/v needs none or 2.'],
] satisfies [string, Parameters<typeof tableOf>[0], string][])('refuses %s', (_, change, message) => {
  expect(() => fold(tableOf(change))).toThrow(message);
});

it('refuses more rows than one message may have', () => {
  expect(() => fold({ ...tableOf(), rows: MAX_PUSH_ROWS + 1 })).toThrow('A pushed table has 50001 rows; at most 50000 go into one message. Send several.');
});
