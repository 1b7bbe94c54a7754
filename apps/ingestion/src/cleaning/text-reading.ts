import type { ColumnType } from '@millrace/core';
import { engine, number, text } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';

/** One way of reading a text that is not written as it should be. */
export interface Mend {
  /** How it is called in the ledger. */
  readonly rule: string;
  /** SQL of the value; NULL where the rule does not fit. */
  readonly sql: (x: string) => string;
}

/** How texts of one column are read, in SQL over the trimmed text. */
export interface TextReading {
  /** What is written as it should be. */
  readonly plain: (x: string) => string;
  /** The other ways, in the order in which they are tried. */
  readonly mends: readonly Mend[];
  /** Why a text could not be read; the first that holds. */
  readonly faults: readonly { readonly why: string; readonly when: (x: string) => string }[];
  /** When none of those does. */
  readonly otherwise: string;
}

/** Doubles beyond this are not certain to be the integer that was written: 2^53 may have been 2^53 + 1. */
export const LARGEST_EXACT = '9007199254740991e0';
/** Stands for a missing integer inside models, so it cannot be data. */
export const RESERVED_INTEGER = '(-9223372036854775807 - 1)';
/** No other years are read. */
export const [EARLIEST, LATEST] = ["TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31'"] as const;
export const ROUNDED = 'more digits than a double holds: rounded to the nearest one';

/** SQL of an integer that fits the column, else NULL. */
export const integerOf = (sql: string, { bits }: Pick<ColumnContract, 'bits'>): string => (bits === 32 ? engine.tryInteger(sql, bits) : `nullif(${engine.tryInteger(sql)}, ${RESERVED_INTEGER})`);

/** The first mend that fits, or why none does, in words. */
export const ruleSql = ({ mends }: TextReading, x: string): string => (mends.length === 0 ? text(ROUNDED) : `CASE ${mends.map(({ rule, sql }) => `WHEN (${sql(x)}) IS NOT NULL THEN ${text(rule)}`).join(' ')} ELSE ${text(ROUNDED)} END`);
export const whySql = ({ faults, otherwise }: TextReading, x: string): string => `CASE ${[...faults.map(({ why, when }) => `WHEN ${when(x)} THEN ${text(why)}`), `WHEN true THEN ${text(otherwise)}`].join(' ')} END`;

/** How the texts of a column are read. */
export const textReading = (column: ColumnContract): TextReading => READINGS[column.type](column);

/** Of a double: the integer that it is for certain. */
const whole = (double: string, column: ColumnContract): string => `CASE WHEN abs(${double}) <= ${LARGEST_EXACT} AND ${double} = floor(${double}) THEN ${integerOf(`CAST(${double} AS BIGINT)`, column)} END`;
const matches = (x: string, pattern: string): string => engine.matches(x, text(pattern));
const when = (x: string, pattern: string, sql: string): string => `CASE WHEN ${matches(x, pattern)} THEN ${sql} END`;
const isDouble = (x: string): string => `${engine.tryDouble(x)} IS NOT NULL`;
const DIGITS = (x: string): string => matches(x, '[+-]?\\d+');
const NOT_FINITE = { why: 'not a finite number', when: (x: string) => matches(x, '(?i)[+-]?(nan|inf|infinity)') };
const UNIT = { why: 'a unit that the contract does not state', when: (x: string) => matches(x, '[+-]?\\d[\\d.,_]* ?[^\\d\\s.,_%+-][^\\d]*') };

const READINGS: Record<ColumnType, (column: ColumnContract) => TextReading> = {
  INT64: (column) => ({
    // Digits that print as they were read are quicker to know than by a pattern.
    plain: (x) => `CASE WHEN ${engine.text(engine.tryInteger(x))} = ${x} THEN ${integerOf(x, column)} ELSE ${when(x, '[+-]?\\d+', integerOf(x, column))} END`,
    mends: [
      ...(column.numbers
        ? [{ rule: 'stated separators', sql: (x: string) => stated(x, column, (digits) => `coalesce(${when(digits, '[+-]?\\d+', integerOf(digits, column))}, ${whole(engine.tryDouble(digits), column)})`) }]
        : [
            { rule: 'thousands separators', sql: (x: string) => when(x, '[+-]?\\d{1,3}(,\\d{3})+|[+-]?\\d+(_\\d+)+', integerOf(engine.withoutParts(x, text('[,_]')), column)) },
            // 12.0  1e3: only where the number is a whole one and certain.
            { rule: 'a whole number written as a decimal', sql: (x: string) => when(x, '[+-]?\\d+(\\.0*|(\\.\\d+)?[eE][+]?\\d{1,2})', whole(engine.tryDouble(x), column)) },
          ]),
      ...unitMends(column, (digits, factor) => {
        const inexact = whole(`(${engine.tryDouble(digits)} * ${number(factor)})`, column);
        if (!Number.isSafeInteger(factor)) return inexact;
        return `CASE WHEN ${DIGITS(digits)} THEN ${integerOf(`${engine.wide(engine.tryInteger(digits))} * ${engine.wide(number(BigInt(factor)))}`, column)} ELSE ${inexact} END`;
      }),
    ],
    faults: [
      { why: 'the number that stands for a missing one inside models', when: (x) => `${engine.tryInteger(x)} = ${RESERVED_INTEGER} AND ${DIGITS(x)}` },
      ...(column.bits === 32 ? [{ why: 'beyond a 32-bit integer', when: (x: string) => readable(x, column) }] : []),
      { why: 'beyond a 64-bit integer', when: (x) => (column.numbers ? DIGITS(x) : matches(x, '[+-]?(\\d+|\\d{1,3}(,\\d{3})+)')) },
      NOT_FINITE,
      { why: 'beyond 2^53 and written as a decimal, so its last digits are not certain', when: (x) => `${isDouble(x)} AND abs(${engine.tryDouble(x)}) > ${LARGEST_EXACT}` },
      ...(column.numbers ? [] : [{ why: 'not a whole number', when: isDouble }]),
      ...(column.units ?? []).map(({ text: unit }) => ({ why: 'no whole number in the range of the column once its unit is counted', when: (x: string) => matches(x, withUnit(column, unit)) })),
      UNIT,
    ],
    otherwise: column.numbers ? 'not a number with the stated separators' : 'not a number',
  }),
  FLOAT64: (column) => ({
    plain: (x) => (column.numbers && decimalOf(column) !== '.' ? when(x, '[+-]?\\d+([eE][+-]?\\d+)?', finite(x)) : finite(x)),
    mends: [
      ...(column.numbers
        ? [{ rule: 'stated separators', sql: (x: string) => stated(x, column, finite) }]
        : [
            { rule: 'thousands separators', sql: (x: string) => when(x, '[+-]?\\d{1,3}(,\\d{3})+(\\.\\d+)?', engine.tryDouble(`replace(${x}, ',', '')`)) },
            { rule: 'per cent', sql: (x: string) => when(x, '[+-]?\\d+(\\.\\d+)? ?%', `${engine.tryDouble(engine.trim(x, ' %'))} / 100e0`) },
          ]),
      ...unitMends(column, (digits, factor) => finite(`(${engine.tryDouble(digits)} * ${number(factor)})`)),
    ],
    faults: [NOT_FINITE, ...(column.numbers ? [] : [{ why: 'beyond the largest double', when: (x: string) => matches(x, '[+-]?\\d+(\\.\\d*)?([eE][+-]?\\d+)?') }]), UNIT],
    otherwise: column.numbers ? 'not a number with the stated separators' : 'not a number',
  }),
  BOOL: ({ words }) => {
    const [yes, no] = words ? [words.true, words.false].map((list) => list.map((word) => word.toLowerCase())) : [['true', 't', 'yes', 'y', '1'], ['false', 'f', 'no', 'n', '0']];
    const taken = new Set([...(yes ?? []), ...(no ?? [])]);
    // A stated word may turn a usual one round.
    const plain = [...(words && taken.has('true') ? [] : ["WHEN 'true' THEN true"]), ...(words && taken.has('false') ? [] : ["WHEN 'false' THEN false"])];
    const cases = [...(yes ?? []).map((word) => `WHEN ${text(word)} THEN true`), ...(no ?? []).map((word) => `WHEN ${text(word)} THEN false`)];
    return {
      plain: (x) => (plain.length === 0 ? 'CAST(NULL AS BOOLEAN)' : `CASE ${x} ${plain.join(' ')} END`),
      mends: [{ rule: words ? 'a stated word' : 'a usual word', sql: (x) => (cases.length === 0 ? 'CAST(NULL AS BOOLEAN)' : `CASE lower(${x}) ${cases.join(' ')} END`) }],
      faults: [],
      otherwise: 'none of the words for true and false',
    };
  },
  TIMESTAMP: ({ format, formats = [] }) => ({
    plain: (x) => (format === '' ? isoTime(x) : engine.tryTimeBy(x, [format])),
    mends:
      formats.length > 0
        ? formats.map((one) => ({ rule: `the format ${one}`, sql: (x: string) => engine.tryTimeBy(x, [one]) }))
        : [{ rule: 'a usual format', sql: (x) => (format === '' ? engine.tryTimeBy(x, USUAL_FORMATS) : 'CAST(NULL AS TIMESTAMP)') }],
    faults: format === '' ? [{ why: 'no such date or time', when: hasDate }] : [],
    otherwise: format === '' && formats.length === 0 ? 'not a time' : 'in none of the stated formats',
  }),
  STRING: () => ({ plain: (x) => x, mends: [], faults: [], otherwise: 'it holds U+0000 or U+FFFF, which no text may' }),
};

const finite = (sql: string): string => `CASE WHEN ${engine.isFinite(engine.tryDouble(sql))} THEN ${engine.tryDouble(sql)} END`;

const USUAL_FORMATS = ['%Y/%m/%d %H:%M:%S', '%Y/%m/%d', '%b %d %Y', '%d %b %Y', '%B %d, %Y', '%Y%m%d'];
const OFFSET = '\\d[ T]\\d{2}:\\d{2}.*(Z|[+-]\\d{2}(:?\\d{2})?)$';
const hasDate = (x: string): string => engine.matchesPart(x, text('^\\d{4}-\\d{2}-\\d{2}'));

/** What prints as it was read is quicker to know than by a pattern. */
function isoTime(x: string): string {
  const time = engine.tryTime(x);
  return `CASE WHEN ${time} BETWEEN ${EARLIEST} AND ${LATEST} AND ${engine.text(time)} = ${x} THEN ${time} WHEN ${engine.matchesPart(x, text(OFFSET))} THEN ${engine.tryMoment(x)} WHEN ${hasDate(x)} THEN ${time} END`;
}

const decimalOf = ({ numbers }: ColumnContract): string => numbers?.decimal ?? '.';
const literal = (characters: string): string => characters.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** The pattern of a number with the stated separators, without anchors. */
function statedPattern(column: ColumnContract): string {
  const { thousands = '' } = column.numbers ?? {};
  const groups = thousands === '' ? '\\d+' : `(?:\\d{1,3}(?:${literal(thousands)}\\d{3})+|\\d+)`;
  return `[+-]?${groups}(?:${literal(decimalOf(column))}\\d+)?`;
}

/** A number with the stated separators, read once they are those of SQL. */
const stated = (x: string, column: ColumnContract, read: (digits: string) => string): string => when(x, statedPattern(column), read(unseparated(x, column)));

function unseparated(x: string, column: ColumnContract): string {
  const { thousands = '' } = column.numbers ?? {};
  const joined = thousands === '' ? x : `replace(${x}, ${text(thousands)}, '')`;
  return decimalOf(column) === '.' ? joined : `replace(${joined}, ${text(decimalOf(column))}, '.')`;
}

const withUnit = (column: ColumnContract, unit: string): string => `${statedPattern(column)}\\s?${literal(unit)}`;

/** True where it fits into 64 bits. */
function readable(x: string, { bits: _, ...wide }: ColumnContract): string {
  const { plain, mends } = textReading(wide);
  return `coalesce(${[plain, ...mends.map(({ sql }) => sql)].map((sql) => sql(x)).join(', ')}) IS NOT NULL`;
}

const unitMends = (column: ColumnContract, read: (digits: string, factor: number) => string): readonly Mend[] =>
  (column.units ?? []).map(({ text: unit, factor }) => ({
    rule: `the unit ${unit}, of which one counts ${factor}`,
    sql: (x) => when(x, withUnit(column, unit), read(unseparated(`trim(left(${x}, length(${x}) - ${[...unit].length}))`, column), factor)),
  }));
