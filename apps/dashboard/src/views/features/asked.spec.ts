import { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { expect, it } from 'vitest';
import { askedColumns, parseQuestion, questionText, rowOf, timeOf } from './asked.js';

const VIEWS = [
  FeatureView.fromPartial({ name: 'featureViews/departures', joinKeyColumns: { airport: 'origin' } }),
  FeatureView.fromPartial({ name: 'featureViews/pace', onDemand: { requestColumns: [{ name: 'miles', type: ColumnType.INT64 }], features: [{ featureView: 'featureViews/departures', keyColumns: { airport: 'from' } }] } }),
];

it('asks for the keys of every view by the names of the service, and for what formulas read', () => {
  const service = FeatureService.fromPartial({ features: [{ featureView: 'featureViews/departures', keyColumns: { airport: 'origin' } }, { featureView: 'featureViews/pace', keyColumns: { from: 'origin', miles: 'distance' } }] });
  const columns = askedColumns(service, VIEWS);
  expect(columns).toEqual([{ name: 'origin', type: ColumnType.STRING, isKey: true }, { name: 'distance', type: ColumnType.INT64, isKey: false }]);
  expect(rowOf({ cells: { origin: 'ORD', distance: '733', other: 'x' }, time: '' }, columns)).toEqual({ values: { origin: { kind: { $case: 'stringValue', value: 'ORD' } }, distance: { kind: { $case: 'int64Value', value: 733n } } } });
  expect(rowOf({ cells: { origin: '', distance: '7.5' }, time: '' }, columns), 'what is left empty is missing').toEqual({ values: { distance: { kind: { $case: 'float64Value', value: 7.5 } } } });
});

it('is the same question after a place has held it', () => {
  const question = { cells: { origin: 'a/b & c=d', 'é': '1 + 1' }, time: '2001-06-30 23:58' };
  expect(questionText(question)).not.toContain('/');
  expect(parseQuestion(questionText(question))).toEqual(question);
  expect(timeOf(question)).toEqual(new Date('2001-06-30T23:58:00Z'));
  expect(timeOf({ cells: {}, time: '2001-06-30T23:58:00+02:00' })).toEqual(new Date('2001-06-30T21:58:00Z'));
  expect(timeOf({ cells: {}, time: '' })).toBeUndefined();
  expect(Number.isNaN(timeOf({ cells: {}, time: 'soon' })?.getTime())).toBe(true);
});
