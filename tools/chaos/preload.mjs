import { isMainThread } from 'node:worker_threads';

/**
 * What a row does inside a service, from outside: loaded before the very same program by `node --import`, it waits for SIGUSR2, which turns the effect on and off.
 * Only `npm run chaos` loads this file; nothing in the product knows of it.
 */
const EFFECTS = { 'clock-skew': skewClock, 'slow-consumer': slowConsumers, 'newer-events': writeNewerEvents };

// Jobs and worker threads load it too, and have no part in this.
if (isMainThread && process.argv[1]?.endsWith('/dist/main.js')) await EFFECTS[process.env.MILLRACE_CHAOS_EFFECT ?? '']?.(Number(process.env.MILLRACE_CHAOS_AMOUNT));

/** The wall clock is so many milliseconds off; timers and performance.now() are not, as when a real clock is set. */
function skewClock(amount) {
  const Real = Date;
  let shift = 0;
  process.on('SIGUSR2', () => (shift = shift === 0 ? amount : 0));
  globalThis.Date = class extends Real {
    constructor(...parts) {
      super(...(parts.length === 0 ? [Real.now() + shift] : parts));
    }

    static now() {
      return Real.now() + shift;
    }
  };
}

/** Every handler takes so many milliseconds longer. */
async function slowConsumers(amount) {
  const { KafkaBus } = await import('../../libs/events/dist/kafka-bus.js');
  const { subscribe } = KafkaBus.prototype;
  let pause = 0;
  process.on('SIGUSR2', () => (pause = pause === 0 ? amount : 0));
  KafkaBus.prototype.subscribe = function ({ handler, ...options }) {
    return subscribe.call(this, {
      ...options,
      handler: async (record, delivery) => {
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
        return handler(record, delivery);
      },
    });
  };
}

/** Every event has a field that this version does not know, as one of a newer version would. */
async function writeNewerEvents() {
  const { KafkaBus } = await import('../../libs/events/dist/kafka-bus.js');
  const { publish } = KafkaBus.prototype;
  let newer = false;
  process.on('SIGUSR2', () => (newer = !newer));
  KafkaBus.prototype.publish = function (records) {
    return publish.call(this, newer ? records.map((record) => ({ ...record, value: Buffer.concat([record.value, UNKNOWN_FIELD]) })) : records);
  };
}

/** Field 20,000 of type string, "from the future": tag (20000 << 3 | 2) as a varint, length, bytes. */
const FUTURE = Buffer.from('from the future');
const UNKNOWN_FIELD = Buffer.concat([Buffer.from([0x82, 0xe2, 0x09, FUTURE.length]), FUTURE]);
