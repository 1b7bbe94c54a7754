import { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { describe, expect, it } from 'vitest';
import { likelyLimit, likelyTarget, targetColumns, targetName, targetOf, targetText } from './target.js';

const texts = (column: string, ...values: readonly string[]) => ColumnProfile.fromPartial({ column, type: ColumnType.STRING, distinct: BigInt(values.length), topComplete: true, top: values.map((value, i) => ({ value, count: BigInt(100 - i) })) });
const numbers = (column: string, ...quantiles: readonly number[]) => ColumnProfile.fromPartial({ column, type: ColumnType.FLOAT64, distinct: 50n, min: quantiles[0] ?? 0, max: quantiles.at(-1) ?? 0, quantiles: [...quantiles] });
const AT = ColumnProfile.fromPartial({ column: 'at', type: ColumnType.TIMESTAMP, distinct: 9n, min: 0, max: 9 });
const PAID = ColumnProfile.fromPartial({ column: 'paid', type: ColumnType.INT64, distinct: 2n, min: 0, max: 1, quantiles: [0, 0, 0, 1, 1, 1, 1] });
const RAIN = numbers('rain', 0, 0, 0, 0, 3, 17, 56);
const SKY = texts('sky', 'sun', 'rain', 'snow');
const SEX = texts('sex', 'f', 'm');
const NAME = ColumnProfile.fromPartial({ column: 'name', type: ColumnType.STRING, distinct: 900n, top: [{ value: 'a', count: 2n }] });
const ONE = numbers('one', 4, 4, 4, 4, 4, 4, 4);

describe('what can be predicted', () => {
  it('is what is yes or no, a number that differs, or a text of a few', () => {
    expect(targetColumns([AT, NAME, ONE, PAID, RAIN, SKY, SEX]).map(({ column }) => column)).toEqual(['paid', 'rain', 'sky', 'sex']);
    expect(likelyTarget([PAID, RAIN, SKY, SEX])).toBe('paid');
    expect(likelyTarget([RAIN, SEX, SKY])).toBe('sex');
    expect(likelyTarget([SKY, RAIN])).toBe('sky');
    expect(likelyTarget([numbers('first', 0, 0, 1, 2, 3, 4, 5), RAIN, NAME])).toBe('rain');
    expect(likelyTarget([AT, NAME, ONE])).toBeUndefined();
  });

  it('a number is asked whether it lies above a limit with rows on both sides', () => {
    expect(targetOf([RAIN], 'rain', {})).toEqual({ kind: 'above', column: 'rain', above: 0 });
    expect(likelyLimit(numbers('full', 0, 5, 9, 9, 9, 9, 9)), 'half of the rows are at the very end').toBe(5);
    expect(targetName(targetOf([RAIN], 'rain', { above: 2.5 }))).toBe('rain_above_2_5');
    expect(targetName(targetOf([numbers('t', -9, -8, -4, -3, 1, 2, 5)], 't', { above: -3 }))).toBe('t_above_minus_3');
    expect(() => targetOf([RAIN], 'rain', { above: 56 })).toThrow('all of its numbers lie on one side of 56: they reach from 0 to 56');
  });

  it('of two texts the rarer is yes, of more the most frequent, unless one is named', () => {
    expect(targetOf([SEX], 'sex', {})).toEqual({ kind: 'value', column: 'sex', value: 'm', others: ['f'] });
    expect(targetOf([SKY], 'sky', {})).toMatchObject({ value: 'sun' });
    const snow = targetOf([SKY], 'sky', { value: 'snow' });
    expect([targetName(snow), targetText(snow)]).toEqual(['sky_is_snow', 'whether "sky" is "snow"']);
    expect(() => targetOf([SKY], 'sky', { value: 'hail' })).toThrow('it does not hold the value "hail"; it holds sun, rain, snow');
  });

  it('what cannot be predicted says why, and what is near', () => {
    expect(() => targetOf([AT, RAIN], 'rian', {})).toThrow('There is no column "rian"; did you mean "rain"?; these can be predicted: rain.');
    expect(() => targetOf([AT, RAIN], 'at', {})).toThrow('it holds times');
    expect(() => targetOf([NAME, RAIN], 'name', {})).toThrow('it holds too many different texts');
    expect(() => targetOf([ONE, RAIN], 'one', {})).toThrow('it holds one value of FLOAT64 only');
    expect(() => targetOf([SKY], 'sky', { above: 1 })).toThrow('--above is about numbers');
    expect(() => targetOf([RAIN], 'rain', { value: 'x' })).toThrow('--value is about a column of a few texts');
  });
});
