import { ident, number, text } from '@millrace/tables';
import { type Expectation, isRowRule, type Rule } from '../contract.js';

/** SQL that is true for a row that breaks a row rule; a missing cell breaks only `not-null`. */
export function brokenRow({ column, rule }: Expectation, isTime: (column: string) => boolean): string {
  const x = isTime(column) ? `epoch_us(${ident(column)})` : ident(column);
  switch (rule.kind) {
    case 'range':
      return `coalesce(${[rule.min === undefined ? '' : `${x} < ${number(rule.min)}`, rule.max === undefined ? '' : `${x} > ${number(rule.max)}`].filter(Boolean).join(' OR ') || 'false'}, false)`;
    case 'accepted':
      return rule.values.length === 0 ? `(${x} IS NOT NULL)` : `coalesce(${x} NOT IN (${rule.values.map(text).join(', ')}), false)`;
    case 'pattern':
      return `coalesce(NOT regexp_full_match(${x}, ${text(rule.regex)}), false)`;
    case 'not-null':
      return `(${x} IS NULL)`;
    case 'row-count':
    case 'missing-share':
      return 'false';
  }
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
    case 'row-count':
      return `from ${rule.min ?? 0} to ${rule.max ?? '∞'} rows`;
    case 'missing-share':
      return `missing in at most ${rule.max} of the rows`;
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
}

/** Judges one expectation, given how many rows broke it (row rules) or the figures of the whole. */
export function judge(expectation: Expectation, broken: number, whole: Whole): ExpectationResult {
  const { name, rule, column } = expectation;
  const asked = `${column === '' ? '' : `${column} must be `}${ruleInWords(rule)}`;
  if (isRowRule(rule)) return { name, met: broken === 0, broken, observed: broken === 0 ? `${asked}: every row` : `${asked}: ${broken} rows are not` };
  if (rule.kind === 'row-count') {
    const met = (rule.min === undefined || BigInt(whole.kept) >= rule.min) && (rule.max === undefined || BigInt(whole.kept) <= rule.max);
    return { name, met, broken: 0, observed: `${asked}: ${whole.kept} rows` };
  }
  const share = whole.kept === 0 ? 0 : whole.missing(column) / whole.kept;
  return { name, met: rule.kind !== 'missing-share' || share <= rule.max, broken: whole.missing(column), observed: `${asked}: missing in ${share.toPrecision(3)}` };
}
