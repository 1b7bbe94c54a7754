import { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { Entity } from '@millrace/contracts/millrace/features/v1/entity';
import { FeatureReference } from '@millrace/contracts/millrace/features/v1/feature_service';
import { Signature } from '@millrace/contracts/millrace/registry/v1/model';
import { describe, expect, it } from 'vitest';
import { oddOf } from './prediction-answer.js';
import { fieldsOf, servedBy } from './row-fields.js';
import { fieldOfRefusal, rowOf, textOf } from './row-text.js';

const SIGNATURE = Signature.fromJSON({
  inputs: [
    { column: { name: 'origin_late', type: 'COLUMN_TYPE_FLOAT64' }, required: true },
    { column: { name: 'date', type: 'COLUMN_TYPE_TIMESTAMP' }, required: true },
    { column: { name: 'distance', type: 'COLUMN_TYPE_INT64' }, min: 30, max: 900, required: true },
    { column: { name: 'carrier', type: 'COLUMN_TYPE_STRING' }, categories: ['AA', 'UA'] },
  ],
});
const SERVED = servedBy([FeatureReference.fromJSON({ featureView: 'featureViews/departures', prefix: 'origin_', keyColumns: { airport: 'origin' } })], {
  views: [FeatureView.fromJSON({ name: 'featureViews/departures', entity: 'entities/airport', features: [{ name: 'late' }] })],
  entities: [Entity.fromJSON({ name: 'entities/airport', joinKeys: [{ name: 'airport', type: 'COLUMN_TYPE_STRING' }] })],
});
const FIELDS = fieldsOf(SIGNATURE, SERVED);

describe('the fields of a row', () => {
  it('are what the model reads, and the keys by which the rest is read online, which comes last', () => {
    expect(FIELDS.map(({ name, required, online, key }) => ({ name, required, online, key }))).toEqual([
      { name: 'date', required: true, online: false, key: false },
      { name: 'distance', required: true, online: false, key: false },
      { name: 'carrier', required: false, online: false, key: false },
      { name: 'origin', required: true, online: false, key: true },
      { name: 'origin_late', required: false, online: true, key: false },
    ]);
    expect(fieldsOf(SIGNATURE, []).map(({ required }) => required)).toEqual([true, true, true, false]);
  });
});

describe('what was typed', () => {
  it('becomes a row with the types of the signature, without what is empty', () => {
    expect(rowOf(FIELDS, { date: '2001-07-01T10:00', distance: ' 9007199254740993 ', carrier: '', origin: 'ORD' })).toEqual({
      row: { values: { date: { kind: { $case: 'timestampValue', value: new Date('2001-07-01T10:00:00Z') } }, distance: { kind: { $case: 'int64Value', value: 9_007_199_254_740_993n } }, origin: { kind: { $case: 'stringValue', value: 'ORD' } } } },
      faults: {},
    });
  });

  it('is refused at its field where it is of another type', () => {
    expect(rowOf(FIELDS, { date: 'soon', distance: '1.5', origin_late: 'often' })).toEqual({ row: { values: {} }, faults: { date: 'A time is asked for.', distance: 'A whole number is asked for.', origin_late: 'A number is asked for.' } });
  });

  it('can be that of a prediction of the log', () => {
    expect([textOf({ kind: { $case: 'timestampValue', value: new Date(0) } }), textOf({ kind: { $case: 'int64Value', value: 7n } }), textOf({ kind: { $case: 'float64Value', value: Number.NaN } }), textOf({ kind: undefined })]).toEqual(['1970-01-01T00:00:00', '7', undefined, undefined]);
  });
});

it('finds the field that a refusal is about', () => {
  expect(fieldOfRefusal('Row 0 lacks column "origin", by which its features are looked up.', FIELDS)).toBe('origin');
  expect(fieldOfRefusal('The request is wrong at rows[0].origin_late: it must be a number.', FIELDS)).toBe('origin_late');
  expect(fieldOfRefusal('There is no such endpoint.', FIELDS)).toBeUndefined();
});

it('says in a few words what was odd about a row', () => {
  expect(oddOf([])).toBe('nothing');
  expect(oddOf([{ kind: 'UNSEEN_CATEGORY', column: 'origin' }, ...['a', 'b', 'c'].map((column) => ({ kind: 'MISSING', column }))])).toBe('unseen text: origin; missing: 3 inputs');
});
