import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openBus } from '@millrace/events';
import { WORK } from './flights.mjs';
import { inTurns, percentile } from './in-turns.mjs';

export const title = 'embedded bus: durable events of 200 bytes';

const EVENTS = 60_000;
const SYNCS = 400;
const BYTES = 200;
/** Publishers that each wait for their event to be durable before they send the next. */
const PUBLISHERS = 400;

/** Group commit by many publishers against a loop that writes one event and waits for the disk. */
export async function run({ runs, say }) {
  const folder = join(WORK, 'bus');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bus = await openBus({ file: join(folder, 'events.sqlite') });
  try {
    const found = await inTurns({ ours: () => publish(bus), base: () => syncLoop(join(folder, 'loop')), raw: () => syncLoop(join(folder, 'batch'), 1_000) }, { runs, say });
    return [
      { id: 'bus', unit: 'events/s', ours: found.ours.rate, base: found.base.rate, raw: found.raw.rate, aim: { atLeast: 20_000 }, note: 'base: one fdatasync an event; raw: one for each thousand' },
      { id: 'bus-p99', unit: 'ms', ours: found.ours.p99, base: found.base.p99, aim: { atMost: 50 }, note: `with ${PUBLISHERS} publishers at once` },
    ];
  } finally {
    await bus.close();
  }
}

async function publish(bus) {
  const value = new Uint8Array(BYTES).fill(7);
  const waits = [];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: PUBLISHERS }, async (_, publisher) => {
      for (let event = publisher; event < EVENTS; event += PUBLISHERS) {
        const sent = performance.now();
        await bus.publish([{ topic: 'millrace.bench.v1', key: `key-${event % 1_000}`, value, headers: { ce_id: String(event), ce_type: 'millrace.bench.v1.Event' } }]);
        waits.push(performance.now() - sent);
      }
    }),
  );
  return { rate: EVENTS / ((performance.now() - began) / 1_000), p99: percentile(waits, 0.99) };
}

function syncLoop(path, together = 1) {
  const bytes = Buffer.alloc(BYTES * together, 7);
  const file = openSync(path, 'w');
  const waits = [];
  const began = performance.now();
  for (let i = 0; i < SYNCS; i++) {
    const sent = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    waits.push(performance.now() - sent);
  }
  const seconds = (performance.now() - began) / 1_000;
  closeSync(file);
  return { rate: (SYNCS * together) / seconds, p99: percentile(waits, 0.99) };
}
