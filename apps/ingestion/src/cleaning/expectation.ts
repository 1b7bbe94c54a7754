import type { ColumnType } from '@millrace/core';
import { engine, ident, number, text } from '@millrace/tables';
import { type Expectation, isRowRule, type Operator, type Rule } from '../expectation-rule.js';

/** The type of a column of the contract. */
export type TypeOf = (column: string) => ColumnType | undefined;

/** SQL that is true for a row that breaks a row rule; a missing cell breaks only `not-null`, and a comparison that says so. */
export function brokenRow({ column, rule }: Expectation, typeOf: TypeOf): string {
  const type = typeOf(column);
  const x = type === 'TIMESTAMP' ? engine.micros(ident(column)) : ident(column);
  switch (rule.kind) {
    case 'range':
      return `coalesce(${[rule.min === undefined ? '' : `${x} < ${bound(rule.min, type, Math.ceil)}`, rule.max === undefined ? '' : `${x} > ${bound(rule.max, type, Math.floor)}`].filter(Boolean).join(' OR ') || 'false'}, false)`;
    case 'accepted':
      return rule.values.length === 0 ? `(${x} IS NOT NULL)` : `coalesce(${x} NOT IN (${rule.values.map(text).join(', ')}), false)`;
    case 'pattern':
      return `coalesce(NOT ${engine.matches(x, text(rule.regex))}, false)`;
    case 'not-null':
      return `(${x} IS NULL)`;
    case 'comparison':
      return `coalesce(NOT (${holds(rule.operator, { name: column, type }, { name: rule.other, type: typeOf(rule.other) })}), ${rule.missingBreaks})`;
    case 'row-count':
    case 'missing-share':
    case 'presence':
    case 'unique':
    case 'freshness':
      return 'false';
  }
}

/** No integer of a column lies beyond it. */
const INTEGERS_END = 2 ** 63;

/** A whole number where whole numbers are compared: as a double, 2^53 + 1 would not be above 2^53. */
const bound = (value: number, type: ColumnType | undefined, toWhole: (value: number) => number): string => (type === 'FLOAT64' || !(Math.abs(value) < INTEGERS_END) ? number(value) : number(BigInt(toWhole(value))));

const SIGNS: Record<Operator, string> = { EQUAL: '=', NOT_EQUAL: '<>', LESS: '<', AT_MOST: '<=', GREATER: '>', AT_LEAST: '>=' };
const WORDS: Record<Operator, string> = { EQUAL: 'equal to', NOT_EQUAL: 'other than', LESS: 'less than', AT_MOST: 'at most', GREATER: 'greater than', AT_LEAST: 'at least' };

interface Side {
  readonly name: string;
  readonly type: ColumnType | undefined;
}

/** An integer and a double are compared as doubles first, and where these are equal as integers, so that none counts as another. */
function holds(operator: Operator, left: Side, right: Side): string {
  const [a, b] = [ident(left.name), ident(right.name)];
  if (left.type === right.type) return `${a} ${SIGNS[operator]} ${b}`;
  const [x, y] = [`CAST(${a} AS DOUBLE)`, `CAST(${b} AS DOUBLE)`];
  return `CASE WHEN ${x} = ${y} THEN ${engine.tryWide(a)} ${SIGNS[operator]} ${engine.tryWide(b)} ELSE ${x} ${SIGNS[operator]} ${y} END`;
}

/** What a rule asks, in words. */
export function ruleInWords(rule: Rule): string {
  switch (rule.kind) {
    case 'range':
      return `between ${rule.min ?? '-∞'} and ${rule.max ?? '∞'}`;
    case 'accepted':
      return `one of ${rule.values.slice(0, 10).join(', ')}${rule.values.length > 10 ? ', …' : ''}`;
    case 'pattern':
      return `of the form ${rule.regex}`;
    case 'not-null':
      return 'never missing';
    case 'comparison':
      return `${WORDS[rule.operator]} ${rule.other}${rule.missingBreaks ? ', and neither missing' : ''}`;
    case 'row-count':
      return `from ${rule.min ?? 0} to ${rule.max ?? '∞'} rows`;
    case 'missing-share':
      return `missing in at most ${rule.max} of the rows`;
    case 'presence':
      return `there in at least ${rule.min} of the rows`;
    case 'unique':
      return `different in every row${rule.with.length === 0 ? '' : `, taken together with ${rule.with.join(', ')}`}`;
    case 'freshness':
      return `at most ${hours(rule.maxAgeMs)} old`;
  }
}

/** What came of one expectation. */
export interface ExpectationResult {
  readonly name: string;
  readonly met: boolean;
  readonly broken: number;
  readonly observed: string;
}

/** Figures that rules about the whole are judged by. */
export interface Whole {
  readonly kept: number;
  readonly missing: (column: string) => number;
  /** How many kept rows repeat a value that must be unique, by the name of the expectation. */
  readonly repeats: ReadonlyMap<string, number>;
  /** The newest time in milliseconds, by the name of the expectation. */
  readonly newest: ReadonlyMap<string, number>;
  /** When the run was asked for, in milliseconds. */
  readonly now: number;
}

/** Judges one expectation, given how many rows broke it (row rules) or the figures of the whole. */
export function judge(expectation: Expectation, broken: number, whole: Whole): ExpectationResult {
  const { name, rule, column } = expectation;
  const asked = `${column === '' ? '' : `${column} must be `}${ruleInWords(rule)}`;
  if (isRowRule(rule)) return { name, met: broken === 0, broken, observed: broken === 0 ? `${asked}: every row` : `${asked}: ${broken} rows are not` };
  const missing = whole.missing(column);
  const share = whole.kept === 0 ? 0 : missing / whole.kept;
  const told = (met: boolean, rows: number, seen: string): ExpectationResult => ({ name, met, broken: rows, observed: `${asked}: ${seen}` });
  switch (rule.kind) {
    case 'row-count':
      return told((rule.min === undefined || BigInt(whole.kept) >= rule.min) && (rule.max === undefined || BigInt(whole.kept) <= rule.max), 0, `${whole.kept} rows`);
    case 'missing-share':
      return told(share <= rule.max, missing, `missing in ${share.toPrecision(3)}`);
    case 'presence':
      return told(1 - share >= rule.min, missing, `there in ${(1 - share).toPrecision(3)}`);
    case 'unique': {
      const repeats = whole.repeats.get(name) ?? 0;
      return told(repeats === 0, repeats, repeats === 0 ? 'every row' : `${repeats} rows repeat another`);
    }
    case 'freshness': {
      const newest = whole.newest.get(name);
      if (newest === undefined) return told(false, 0, 'there is no time at all');
      const age = whole.now - newest;
      return told(age <= rule.maxAgeMs, 0, `the newest is of ${new Date(newest).toISOString()}, ${age < 0 ? 'which is still to come' : `${hours(age)} ago`}`);
    }
    case 'range':
    case 'accepted':
    case 'pattern':
    case 'not-null':
    case 'comparison':
      return told(broken === 0, broken, `${broken} rows are not`);
  }
}

/** Whole days where there are some, else hours. */
const hours = (ms: number): string => (ms >= 172_800_000 ? `${Math.floor(ms / 86_400_000)} days` : `${Number((ms / 3_600_000).toPrecision(3))} hours`);
