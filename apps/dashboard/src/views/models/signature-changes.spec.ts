import { InputColumn } from '@millrace/contracts/millrace/registry/v1/model';
import { expect, it } from 'vitest';
import { inputChanges } from './signature-changes.js';

const input = (name: string, rest: object = {}): InputColumn => InputColumn.fromJSON({ column: { name, type: 'COLUMN_TYPE_INT64' }, min: 0, max: 9, required: true, ...rest });

it('says nothing of inputs that are as they were', () => expect(inputChanges([input('a')], [input('a')])).toEqual([]));

it('says what came, what went, and what is of another kind', () => {
  expect(inputChanges([input('a'), input('b')], [input('b', { column: { name: 'b', type: 'COLUMN_TYPE_FLOAT64' }, required: false }), input('c')])).toEqual([
    'a is no longer read.',
    'b was a whole number and is a number.',
    'b was required and is not required.',
    'c is new: a whole number, required.',
  ]);
});

it('says what training has seen more or less of', () => {
  const text = (categories: readonly string[]) => input('origin', { column: { name: 'origin', type: 'COLUMN_TYPE_STRING' }, min: undefined, max: undefined, categories });
  expect(inputChanges([input('a'), text(['ATL', 'JFK'])], [input('a', { max: 12 }), text(['ATL', 'ORD', 'SEA'])])).toEqual([
    'Training saw a from 0 to 9, now from 0 to 12.',
    'Training has seen more of origin: ORD, SEA.',
    'Training has not seen these of origin again: JFK.',
  ]);
});
