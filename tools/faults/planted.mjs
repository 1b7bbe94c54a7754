import { isMainThread } from 'node:worker_threads';

/**
 * Services with a bug, to see that the rules find it: loaded before the very same program by `node --import`, it wraps what the libraries promise from outside.
 * Only `--plant` of `npm run crash` and `npm run chaos` loads this file; nothing in the product knows of it.
 */
const PLANTS = { 'publish-outside': publishOutside, 'effect-without-inbox': effectWithoutInbox, 'acknowledged-early': acknowledgedEarly, 'lease-without-fence': leaseWithoutFence };

// Jobs and worker threads load it too, and have no part in this.
if (isMainThread && process.argv[1]?.endsWith('/dist/main.js')) await PLANTS[process.env.MILLRACE_PLANT ?? '']?.();

/** Events go to the bus by themselves, before the change that caused them commits. */
async function publishOutside() {
  const prototype = await prototypeOfStores();
  const { relay, write } = prototype;
  const publishers = new WeakMap();
  prototype.relay = function (publish, options) {
    publishers.set(this, publish);
    return relay.call(this, publish, options);
  };
  prototype.write = function (change) {
    return write.call(this, async (tx, emit) => {
      const publish = publishers.get(this);
      const events = [];
      const result = await change(tx, (record) => (publish ? events.push(record) : emit(record)));
      if (events.length > 0) await publish(events);
      return result;
    });
  };
}

/** An event's effect is kept, and that it was handled is not. */
async function effectWithoutInbox() {
  const prototype = await prototypeOfStores();
  prototype.once = async function (_consumer, _eventId, effect) {
    await this.write((tx, emit) => effect(tx, emit));
    return true;
  };
}

/** Events count as published while they are still on their way to Kafka. */
async function acknowledgedEarly() {
  const { KafkaBus } = await import('../../libs/events/dist/kafka-bus.js');
  const { publish } = KafkaBus.prototype;
  KafkaBus.prototype.publish = async function (records) {
    publish.call(this, records).catch(() => undefined);
  };
}

/** Who has lost a lease is not told, and what it keeps is kept. */
async function leaseWithoutFence() {
  const { Leases } = await import('../../libs/store/dist/leases.js');
  const { acquire } = Leases.prototype;
  Leases.prototype.guard = async () => undefined;
  Leases.prototype.acquire = async function (...how) {
    const lease = await acquire.apply(this, how);
    return lease && Object.defineProperty(lease, 'lost', { value: new AbortController().signal });
  };
}

async function prototypeOfStores() {
  const { openStore } = await import('@millrace/store');
  const store = await openStore({ file: ':memory:', migrations: {} });
  await store.close();
  return Object.getPrototypeOf(store);
}
