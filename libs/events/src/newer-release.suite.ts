import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AlertRaised } from '@millrace/contracts/millrace/monitor/v1/events';
import { Alert, Alert_Kind as Kind } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { EventRecord } from '@millrace/core';
import { expect, it } from 'vitest';
import { catalogue, dispatch, type EventBus, onEvent, topicsOf, toRecord } from './index.js';
import { collect } from './records.fixture.js';

const { alertRaised } = catalogue.monitor;
/** Field numbers that this release uses: `alert` of AlertRaised, `kind` of Alert; and one that it does not know. */
const [ALERT, KIND, UNKNOWN] = [1, 4, 1_000];

/** What every home of the bus makes of events of a newer release; a part of bus.suite.ts. */
export function newerReleaseSuite(open: () => Promise<EventBus>): void {
  it('goes on past events of a newer release: what they add is ignored, and what cannot be understood is kept for later', async () => {
    const bus = await open();
    const seen: { readonly name: string; readonly kind: Kind }[] = [];
    const routes = [onEvent(alertRaised, async ({ alert }) => void seen.push({ name: alert?.name ?? '', kind: alert?.kind ?? Kind.UNSPECIFIED }))];
    const subscription = await bus.subscribe({ group: 'g', topics: topicsOf(routes), handler: dispatch(routes) });
    const record = (name: string): EventRecord => ({ ...toRecord(alertRaised, '/test', AlertRaised.fromPartial({ alert: { name, kind: Kind.QUALITY } })), key: 'alerts' });
    const before = record('alerts/before');
    const moreFields = { ...record('alerts/more'), value: new Uint8Array([...record('alerts/more').value, ...new BinaryWriter().tag(UNKNOWN, WireType.LengthDelimited).string('later').finish()]) };
    const inner = new Uint8Array([...Alert.encode(Alert.fromPartial({ name: 'alerts/kind' })).finish(), ...new BinaryWriter().tag(KIND, WireType.Varint).int32(99).finish()]);
    const newKind = { ...record('alerts/kind'), value: new BinaryWriter().tag(ALERT, WireType.LengthDelimited).bytes(inner).finish() };
    const newType = { ...record('alerts/type'), headers: { ...record('alerts/type').headers, ce_type: 'millrace.monitor.v1.AlertForgotten' } };
    await bus.publish([before, moreFields, newKind, newType, record('alerts/after')]);
    await subscription.idle();
    expect(seen).toEqual(['before', 'more', 'after'].map((name) => ({ name: `alerts/${name}`, kind: Kind.QUALITY })));
    const letters = await collect(bus.deadLetters(alertRaised.topic));
    expect(letters.map(({ headers }) => [headers['dlq_reason'], headers['dlq_message']])).toEqual([['EVENT_UNREADABLE', expect.stringContaining('enum value 99') as string]]);
    // Byte for byte, so that the newer release can have it.
    expect(Buffer.from(letters[0]?.value ?? []).equals(Buffer.from(newKind.value))).toBe(true);
    expect(subscription.lag()).toBe(0);
    await bus.close();
  });
}
