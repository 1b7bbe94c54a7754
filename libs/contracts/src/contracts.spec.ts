import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Expectation } from './gen/millrace/ingestion/v1/contract.js';
import { MetricPoint } from './gen/millrace/registry/v1/experiment.js';

const GEN = new URL('./gen/', import.meta.url);

it('knows no framework: generated code imports the wire format and itself', () => {
  const files = readdirSync(GEN, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const foreign = files.flatMap((file) => Array.from(readFileSync(new URL(file, GEN), 'utf8').matchAll(/^import .* from "([^"]+)";$/gm), ([, from = '']) => from)).filter((from) => !from.startsWith('.'));
  expect(files.length).toBeGreaterThan(30);
  expect([...new Set(foreign)]).toEqual(['@bufbuild/protobuf/wire']);
});

it('holds int64 as bigint and times as Date, exactly, on the wire and in JSON', () => {
  const point = { key: 'loss', step: 2n ** 53n + 1n, value: 0.1 + 0.2, time: new Date('2001-04-01T05:06:07.089Z') };
  const back = MetricPoint.decode(MetricPoint.encode(point).finish());
  expect(back).toEqual(point);
  const json = MetricPoint.toJSON(point) as Record<string, unknown>;
  expect(json).toMatchObject({ step: '9007199254740993', time: '2001-04-01T05:06:07.089Z' });
  expect(MetricPoint.fromJSON(JSON.parse(JSON.stringify(json)))).toMatchObject({ step: point.step, time: point.time });
  expect(() => MetricPoint.encode({ ...point, step: 2n ** 63n }).finish()).toThrow('too large');
});

it('says which of several a message holds, and skips fields of a later release', () => {
  const expectation = Expectation.fromPartial({ name: 'airport', rule: { $case: 'pattern', value: { regex: '[A-Z]{3}' } } });
  const bytes = Expectation.encode(expectation).finish();
  expect(Expectation.decode(bytes).rule).toEqual({ $case: 'pattern', value: { regex: '[A-Z]{3}' } });
  // Field 1000 as a text: what an older reader must pass by.
  const later = Buffer.concat([bytes, Buffer.from([0xc2, 0x3e, 2, 0x68, 0x69])]);
  expect(Expectation.decode(later)).toEqual(expectation);
});
