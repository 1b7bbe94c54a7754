import { type DescMessage, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import type { Method } from '@millrace/rpc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PUBLIC_SERVICES } from '../contracts.js';
import { FieldFault } from './field-fault.js';
import type { Message } from './field-json.js';
import { MessageJson } from './message-json.js';
import { messages, registry } from './messages.fixture.js';

const json = new MessageJson(registry);

/** Every message that a public RPC takes or gives, with its generated codec. */
const types = new Map<string, { readonly desc: DescMessage; readonly codec: Method['requestType'] }>();
for (const { fullName, methods } of PUBLIC_SERVICES) {
  const rpcs = registry.getService(fullName)?.methods ?? [];
  for (const { name, requestType, responseType } of Object.values(methods)) {
    const rpc = rpcs.find((each) => each.name === name);
    if (!rpc) throw new Error(`${fullName} has no ${name}`);
    types.set(rpc.input.typeName, { desc: rpc.input, codec: requestType });
    types.set(rpc.output.typeName, { desc: rpc.output, codec: responseType });
  }
}

const descOf = (name: string): DescMessage => {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`the contracts have no ${name}`);
  return found;
};

describe.each([...types])('%s', (_, { desc, codec }) => {
  it('is written and read as @bufbuild/protobuf does', () => {
    fc.assert(
      fc.property(messages(desc), (message) => {
        const bytes = toBinary(desc, message as never);
        const known = toJson(desc, message as never, { registry });
        expect(json.write(desc, codec.decode(bytes) as Message)).toEqual(known);
        const read = codec.encode(codec.fromPartial(json.read(desc, JSON.parse(JSON.stringify(known))) as never) as never).finish();
        expect(toJson(desc, fromBinary(desc, read), { registry })).toEqual(known);
      }),
      { numRuns: 20 },
    );
  });
});

const faultOf = (type: string, value: unknown): string => {
  try {
    json.read(descOf(type), value);
  } catch (error) {
    if (error instanceof FieldFault) return `${error.place}: ${error.why}`;
    throw error;
  }
  return 'none';
};

it('names the place of what is wrong', () => {
  expect(faultOf('millrace.features.v1.ApplyEntityRequest', { entity: { joinKeys: [{ name: 1 }] } })).toBe('entity.joinKeys[0].name: it must be a text of valid Unicode');
  expect(faultOf('millrace.monitor.v1.Monitor', { minPredictions: 2 ** 53 })).toContain('minPredictions: it must be a whole number; one beyond 2^53 - 1');
  expect(faultOf('millrace.monitor.v1.Monitor', { min_predictions: '9223372036854775808' })).toContain('min_predictions: it must be a whole number from -9223372036854775808');
  expect(faultOf('millrace.monitor.v1.Monitor', { minPredictions: '1', min_predictions: '1' })).toBe('min_predictions: it is given twice');
  expect(faultOf('millrace.monitor.v1.Monitor', { window: '1h' })).toBe('window: it must be seconds such as "3.5s"');
  expect(faultOf('millrace.monitor.v1.Monitor', { createTime: '2026-02-30T00:00:00Z' })).toContain('createTime: it must be a time');
  expect(faultOf('millrace.monitor.v1.Alert', { state: 'OPENED' })).toBe('state: it must be one of STATE_UNSPECIFIED, STATE_OPEN, STATE_ACKNOWLEDGED, STATE_RESOLVED');
  expect(faultOf('millrace.monitor.v1.Alert', { figures: { psi: 'much' } })).toBe('figures.psi: it must be a number');
  expect(faultOf('millrace.monitor.v1.Alert', { figures: { psi: null } })).toBe('figures.psi: it must not be null');
  expect(faultOf('millrace.monitor.v1.Alert', { colour: 'red' })).toBe('colour: Alert has no such field');
  expect(faultOf('millrace.monitor.v1.Alert', { message: '\ud800' })).toContain('message: ');
  expect(faultOf('millrace.type.v1.Value', { boolValue: true, stringValue: '' })).toContain('stringValue: only one of boolValue');
  expect(faultOf('millrace.ingestion.v1.PushRowsRequest', { rows: 'a b' })).toBe('rows: it must be bytes in base64');
  expect(faultOf('millrace.monitor.v1.Alert', [])).toBe(': it must be a JSON object');
});

it('takes numbers as texts, names of the contract, numbers of enums, null, and base64 of both alphabets', () => {
  expect(json.read(descOf('millrace.monitor.v1.Alert'), { figures: { a: 'NaN', b: '1e3' }, state: 2, update_time: '2026-02-28T12:00:00.1234567+01:00', report: null })).toEqual({ figures: { a: Number.NaN, b: 1_000 }, state: 'STATE_ACKNOWLEDGED', updateTime: new Date('2026-02-28T11:00:00.123Z') });
  expect(json.read(descOf('millrace.ingestion.v1.PushRowsRequest'), { rows: '-_8' })).toEqual({ rows: Buffer.from([0xfb, 0xff]) });
  expect(json.read(descOf('millrace.ingestion.v1.PushRowsRequest'), { rows: '+/8=' })).toEqual({ rows: Buffer.from([0xfb, 0xff]) });
});
