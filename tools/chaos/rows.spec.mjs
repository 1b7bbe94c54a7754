import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readOptions } from './options.mjs';
import { closingTable } from './report.mjs';
import { mixedRow, ROWS } from './rows.mjs';

const PAGE = readFileSync(new URL('../../docs/chaos.md', import.meta.url), 'utf8');

it('has a line in the page of faults for each row, and no line for another', () => {
  const told = [...PAGE.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
  expect(told).toEqual(Object.keys(ROWS));
});

it('says of each row what strikes and what must hold', () => {
  for (const [name, { fault, holds, strike }] of Object.entries({ ...ROWS, mixed: mixedRow() })) expect([name, fault, holds, typeof strike]).toEqual([name, expect.stringMatching(/../), expect.stringMatching(/../), 'function']);
});

it('takes rows by their names, and refuses what it does not know', () => {
  expect(readOptions(['--only', 'kill-service,net-reset', '--rounds', '5', '--seed', '9'])).toMatchObject({ only: ['kill-service', 'net-reset'], rounds: 5, seed: 9 });
  expect(readOptions([]).only).toEqual(Object.keys(ROWS));
  for (const [args, why] of [[['--only', 'flood'], '"flood" is not a row'], [['--rounds', '0'], '--rounds must be'], [['--plant', 'x'], '--plant must be'], [['--loud'], '--loud']]) expect(() => readOptions(args)).toThrow(why);
});

it('states 3/n beside a row without a fault, and no bound beside one with faults', () => {
  const round = { recover: 1, checks: 2 };
  const story = { faults: [], repeated: 3 };
  const table = closingTable({ seed: 1, seconds: 2, results: [{ row: 'sound', rounds: [round, round], stories: [story] }, { row: 'broken', rounds: [round], stories: [{ ...story, faults: ['x'] }] }] });
  expect(table).toMatch(/sound\s+2\s+1\s+4\s+3\s+1\.0 s, 1\.0 s\s+0\s+150\.0 %/);
  expect(table).toMatch(/broken\s+1\s+1\s+2\s+3\s+1\.0 s, 1\.0 s\s+1$/m);
});
