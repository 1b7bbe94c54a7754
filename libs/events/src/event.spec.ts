import { EVENT_HEADERS, uuidTime } from '@millrace/core';
import { Duration } from '@millrace/contracts/google/protobuf/duration';
import { expect, it } from 'vitest';
import { decodeEvent, defineEvent, dispatch, eventContext, onEvent, openBus, topicsOf, toRecord } from './index.js';
import { collect } from './records.fixture.js';

const moved = defineEvent('millrace.registry.v1.ModelAliasMoved', 'millrace.registry.v1', Duration, ({ nanos }) => `models/m${nanos}`);
const drifted = defineEvent('millrace.monitor.v1.DriftDetected', 'millrace.monitor.v1', Duration, () => 'monitors/m');
const payload = { seconds: 2n ** 40n, nanos: 7 };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('is a CloudEvent 1.0 in binary mode', () => {
  const before = Date.now();
  const record = toRecord(moved, '/registry', payload, { traceparent, subject: 'models/m7/aliases/champion', time: new Date('2001-05-01T00:00:00Z') });
  expect(record).toMatchObject({ topic: 'millrace.registry.v1', key: 'models/m7' });
  expect(record.headers).toEqual({
    'content-type': 'application/protobuf',
    ce_specversion: '1.0',
    ce_id: record.headers['ce_id'],
    ce_source: '/registry',
    ce_type: 'millrace.registry.v1.ModelAliasMoved',
    ce_time: '2001-05-01T00:00:00.000Z',
    ce_subject: 'models/m7/aliases/champion',
    ce_dataschema: 'https://type.googleapis.com/millrace.registry.v1.ModelAliasMoved',
    ce_partitionkey: 'models/m7',
    traceparent,
    ce_traceparent: traceparent,
  });
  expect(EVENT_HEADERS.every((name) => record.headers[name] !== undefined)).toBe(true);
  expect(uuidTime(record.headers['ce_id'] ?? '').getTime()).toBeGreaterThanOrEqual(before);
  expect(toRecord(moved, '/registry', payload, { id: 'mine' }).headers['ce_id']).toBe('mine');
  expect(Object.keys(toRecord(moved, '/registry', payload).headers)).not.toContain('traceparent');
});

it('gives the payload back, and says why a record cannot be read', () => {
  const record = toRecord(moved, '/registry', payload);
  expect(decodeEvent(moved, record)).toEqual(payload);
  const wrong = (change: object): unknown => {
    try {
      return decodeEvent(moved, { ...record, ...change });
    } catch (error) {
      return error;
    }
  };
  expect(() => decodeEvent(drifted, record)).toThrow('cannot be read as millrace.monitor.v1.DriftDetected: it is a millrace.registry.v1.ModelAliasMoved');
  expect(wrong({ value: new Uint8Array([0xff, 0xff]) })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'EVENT_UNREADABLE', retryable: false });
  expect(wrong({ headers: { ...record.headers, 'content-type': 'application/json' } })).toMatchObject({ reason: 'EVENT_UNREADABLE', message: expect.stringContaining('application/json') as string });
  const { ce_id: _, ...headers } = record.headers;
  expect(() => eventContext({ ...record, headers })).toThrow('the header ce_id is missing');
  expect(() => toRecord({ ...moved, message: { ...Duration, encode: () => ({ finish: () => new Uint8Array(1_000_001) }) } }, '/registry', payload)).toThrow('put the data into an object and send its digest');
});

it('is read as others write it: any case of the content type, no time of its own, a trace as an extension, or all of it as JSON', async () => {
  const { ce_time: _, traceparent: __, ...headers } = toRecord(moved, '/registry', payload, { id: 'x', traceparent }).headers;
  const taken = new Date('2001-05-02T00:00:00Z');
  const record = { ...toRecord(moved, '/registry', payload), headers: { ...headers, 'content-type': 'Application/Protobuf; messageType="x"' }, partition: 0, offset: 0n, time: taken };
  const seen: unknown[] = [];
  const handle = dispatch([onEvent(moved, async (message, { id, time, traceparent: trace }) => void seen.push({ message, id, time, trace }))]);
  await handle(record);
  const structured = { specversion: '1.0', id: 'x', source: '/s', type: moved.type, time: taken, traceparent, datacontenttype: 'application/protobuf', subject: null, data_base64: Buffer.from(record.value).toString('base64') };
  const whole = (value: unknown, contentType = 'application/cloudevents+json; charset=UTF-8') => ({ ...record, headers: { 'content-type': contentType }, value: Buffer.from(JSON.stringify(value)) });
  await handle(whole(structured));
  expect(seen).toEqual([0, 1].map(() => ({ message: payload, id: 'x', time: taken, trace: traceparent })));
  await expect(handle(whole([structured], 'application/cloudevents-batch+json'))).rejects.toMatchObject({ reason: 'RECORD_MALFORMED', message: expect.stringContaining('send it in binary mode') as string });
  await expect(handle({ ...whole({}), value: Buffer.from('{') })).rejects.toMatchObject({ reason: 'RECORD_MALFORMED', message: expect.stringContaining('its value is no JSON (') as string });
  await expect(handle(whole([]))).rejects.toThrow('its value is no JSON object');
  await expect(handle(whole({ ...structured, datacontenttype: undefined, data_base64: undefined, data: { a: 1 } }))).rejects.toThrow('its content type is application/json, not application/protobuf');
  await expect(handle(whole({ ...structured, time: 'yesterday' }))).rejects.toThrow('the header ce_time is "yesterday", which is no time');
});

it('calls the route of each kind, skips kinds without a route, and buries what is broken', async () => {
  const bus = await openBus({ file: ':memory:' });
  const seen: unknown[] = [];
  const routes = [
    onEvent(moved, async (message, { id, source, time, subject, traceparent: trace, record }) => void seen.push({ message, id, source, time, subject, trace, key: record.key })),
    onEvent(drifted, async (message) => void seen.push(message)),
  ];
  const subscription = await bus.subscribe({ group: 'pipelines', topics: topicsOf(routes), handler: dispatch(routes) });
  const record = toRecord(moved, '/registry', payload, { traceparent });
  const unknownKind = { ...record, headers: { ...record.headers, ce_type: 'millrace.registry.v2.Later' } };
  await bus.publish([unknownKind, { ...record, value: new Uint8Array([0xff]) }, record]);
  await subscription.idle();
  expect(seen).toEqual([{ message: payload, id: record.headers['ce_id'], source: '/registry', time: new Date(record.headers['ce_time'] ?? ''), subject: undefined, trace: traceparent, key: 'models/m7' }]);
  expect((await collect(bus.deadLetters('millrace.registry.v1'))).map((letter) => letter.headers['dlq_reason'])).toEqual(['EVENT_UNREADABLE']);
  expect(topicsOf([...routes, ...routes])).toEqual(['millrace.registry.v1', 'millrace.monitor.v1']);
  expect(() => dispatch([...routes, ...routes])).toThrow('same event type');
  await bus.close();
});
