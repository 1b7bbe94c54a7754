import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytes, type Codec, double, int64, time } from './codec.js';
import { InputGuard } from './gen/millrace/inference/v1/endpoint.js';
import { DeadLetter } from './gen/millrace/events/v1/dead_letter.js';
import { FeatureView } from './gen/millrace/features/v1/feature_view.js';
import { MetricPoint } from './gen/millrace/registry/v1/experiment.js';
import { ModelVersion, Signature } from './gen/millrace/registry/v1/model.js';
import { Row, Value } from './gen/millrace/type/v1/value.js';

const throughJson = <T>({ read, write }: Codec<T>, value: T): T => read(JSON.parse(JSON.stringify(write(value))));

it('brings every whole number of 64 bits, every double, time and byte through JSON', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => throughJson(int64, value) === value));
  fc.assert(fc.property(fc.double(), (value) => Object.is(throughJson(double, value), Object.is(value, -0) ? 0 : value)));
  fc.assert(fc.property(fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }), (value) => throughJson(time, value).getTime() === value.getTime()));
  fc.assert(fc.property(fc.uint8Array(), (value) => Buffer.from(throughJson(bytes, value)).equals(value)));
});

it('gives what JSON leaves out its empty value, and leaves out what may not be there', () => {
  expect(MetricPoint.read({})).toEqual({ key: '', step: 0n, value: 0 });
  expect(ModelVersion.read({ name: 'models/late/versions/1', createTime: '2001-04-01T05:06:07.089Z', metrics: { auc: 0.7, loss: 'NaN' } })).toMatchObject({ description: '', aliases: [], tags: {}, createTime: new Date('2001-04-01T05:06:07.089Z'), metrics: { auc: 0.7, loss: Number.NaN } });
  expect(Signature.read({ inputs: [{ column: { name: 'distance', type: 'COLUMN_TYPE_INT64' }, min: 0 }] })).toEqual({ inputs: [{ column: { name: 'distance', type: 'INT64', nullable: false }, min: 0, categories: [], required: false }], outputs: [] });
  expect(FeatureView.read({ ttl: '3.5s' }).ttl).toBe('3.5s');
  expect(DeadLetter.read({ payload: 'AAEC' }).payload).toEqual(Uint8Array.of(0, 1, 2));
});

it('has one of several, by its name', () => {
  const row = Row.read({ values: { distance: { int64Value: '9007199254740993' }, origin: { stringValue: 'ORD' }, nothing: {} } });
  expect(row.values).toEqual({ distance: { int64Value: 9007199254740993n }, origin: { stringValue: 'ORD' }, nothing: {} });
  expect(Value.write({ int64Value: 9007199254740993n })).toEqual({ int64Value: '9007199254740993' });
});

it('has names without the prefix of their type, and passes on one of a later release', () => {
  expect(InputGuard.read({ missing: 'ACTION_REJECT', outOfRange: 'ACTION_LATER', unseenCategory: 7 })).toEqual({ missing: 'REJECT', outOfRange: 'LATER', unseenCategory: 7 });
  expect(InputGuard.write({ missing: 'REJECT', outOfRange: 'FLAG', unseenCategory: 'IGNORE' })).toEqual({ missing: 'ACTION_REJECT', outOfRange: 'ACTION_FLAG', unseenCategory: 'ACTION_IGNORE' });
});

it('keeps a column that is called as what every object has', () => {
  const named = JSON.parse('{"values":{"__proto__":{"int64Value":"1"},"constructor":{"int64Value":"2"}}}') as unknown;
  expect(Object.entries(Row.read(named).values)).toEqual([['__proto__', { int64Value: 1n }], ['constructor', { int64Value: 2n }]]);
  expect(JSON.stringify(Row.write(Row.read(named)))).toBe(JSON.stringify(named));
});

it('leaves a field that it does not know to the server, and skips one of a later release', () => {
  expect(Value.write({ colour: 'red' } as Value)).toEqual({ colour: 'red' });
  expect(Value.read({ colour: 'red' })).toEqual({});
});
