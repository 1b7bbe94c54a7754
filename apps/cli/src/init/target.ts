import type { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { nearest } from '@millrace/core';
import { errors } from '../errors.js';
import { word } from '../text/state-word.js';

/** What is predicted, yes or no: a column that says it itself, a number above a limit, or one value of a few. */
export type Target =
  | { readonly kind: 'flag'; readonly column: string }
  | { readonly kind: 'above'; readonly column: string; readonly above: number }
  | { readonly kind: 'value'; readonly column: string; readonly value: string; readonly others: readonly string[] };

/** What the command line says of a target beside its column. */
export interface TargetWish {
  readonly above?: number;
  readonly value?: string;
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_|_$/g, '');

/** The name of the column of zeros and ones. */
export function targetName(target: Target): string {
  if (target.kind === 'flag') return target.column;
  return target.kind === 'above' ? `${target.column}_above_${slug(String(target.above).replace('-', 'minus '))}` : `${target.column}_is_${slug(target.value)}`;
}

/** What it asks, for people. */
export function targetText(target: Target): string {
  if (target.kind === 'flag') return `whether "${target.column}" holds`;
  return target.kind === 'above' ? `whether "${target.column}" is above ${target.above}` : `whether "${target.column}" is "${target.value}"`;
}

const isNumber = ({ type }: ColumnProfile): boolean => type === ColumnType.INT64 || type === ColumnType.FLOAT64;
const isFlag = (profile: ColumnProfile): boolean => profile.type === ColumnType.BOOL || (isNumber(profile) && profile.min === 0 && profile.max === 1 && profile.distinct === 2n);
const isSpread = (profile: ColumnProfile): boolean => isNumber(profile) && profile.min !== undefined && profile.max !== undefined && profile.min < profile.max;
const isFew = ({ type, topComplete, top }: ColumnProfile): boolean => type === ColumnType.STRING && topComplete && top.length > 1;
const isFit = (profile: ColumnProfile): boolean => isFlag(profile) || isSpread(profile) || isFew(profile);

/** The columns that something can be predicted of, in the order of the file. */
export const targetColumns = (profiles: readonly ColumnProfile[]): readonly ColumnProfile[] => profiles.filter(isFit);

/** The column that is most likely meant: the last that is yes or no, else the last of two values, of a few, or of numbers; undefined where none will do. */
export function likelyTarget(profiles: readonly ColumnProfile[]): string | undefined {
  const isTwo = (profile: ColumnProfile): boolean => isFew(profile) && profile.top.length === 2;
  return [isFlag, isTwo, isFew, isSpread].map((is) => profiles.findLast(is)?.column).find((column) => column !== undefined);
}

/** The rarer of two values, the most frequent of more. */
export const likelyValue = ({ top }: ColumnProfile): string => (top.length === 2 ? top.at(-1) : top[0])?.value ?? '';

/** The median, or less where nothing lies above it. */
export function likelyLimit({ quantiles, min = 0, max = 0 }: ColumnProfile): number {
  const limit = quantiles.toSorted((a, b) => b - a).find((quantile, i) => i >= 3 && quantile < max) ?? min;
  return Number(limit.toPrecision(6)) < max ? Number(limit.toPrecision(6)) : limit;
}

/** What a column is asked, by what is wished and else by what is likely; throws TARGET_UNKNOWN or TARGET_UNFIT. */
export function targetOf(profiles: readonly ColumnProfile[], column: string, { above, value }: TargetWish): Target {
  const profile = profiles.find((each) => each.column === column);
  const fit = targetColumns(profiles).map((each) => each.column);
  if (!profile) throw errors.TARGET_UNKNOWN({ column, meant: meant(column, profiles.map((each) => each.column)), columns: fit.join(', ') });
  const unfit = (why: string) => errors.TARGET_UNFIT({ column, why, columns: fit.join(', ') });
  if (isFew(profile)) {
    if (above !== undefined) throw unfit('it holds texts, and --above is about numbers');
    const values = profile.top.map((each) => each.value);
    const chosen = value ?? likelyValue(profile);
    if (!values.includes(chosen)) throw unfit(`it does not hold the value "${chosen}"; it holds ${values.join(', ')}`);
    return { kind: 'value', column, value: chosen, others: values.filter((each) => each !== chosen) };
  }
  if (value !== undefined) throw unfit('--value is about a column of a few texts');
  if (isFlag(profile) && above === undefined) return { kind: 'flag', column };
  if (!isSpread(profile)) throw unfit(profile.type === ColumnType.STRING ? 'it holds too many different texts, or one only' : profile.type === ColumnType.TIMESTAMP ? 'it holds times' : `it holds one value of ${word(profile.type)} only`);
  const limit = above ?? likelyLimit(profile);
  if (!(limit >= (profile.min ?? 0) && limit < (profile.max ?? 0))) throw unfit(`all of its numbers lie on one side of ${limit}: they reach from ${profile.min} to ${profile.max}`);
  return { kind: 'above', column, above: limit };
}

/** "; did you mean …?", or nothing. */
export function meant(text: string, candidates: readonly string[]): string {
  const near = nearest(text, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
