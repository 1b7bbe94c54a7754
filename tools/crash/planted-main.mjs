import { openStore } from '@millrace/store';

/**
 * The services with a bug, to see that the checker finds it: wraps the store from outside, then starts the very same process.
 * Only `npm run crash -- --plant` starts this file; nothing in the product knows of it.
 */
const PLANTS = { 'publish-outside': publishOutside, 'effect-without-inbox': effectWithoutInbox };

const Store = await prototypeOfStores();
PLANTS[process.env.MILLRACE_CRASH_PLANT ?? '']?.(Store);
await import('../../apps/standalone/dist/main.js');

/** Events go to the bus by themselves, before the change that caused them commits. */
function publishOutside(prototype) {
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
function effectWithoutInbox(prototype) {
  prototype.once = async function (_consumer, _eventId, effect) {
    await this.write((tx, emit) => effect(tx, emit));
    return true;
  };
}

async function prototypeOfStores() {
  const store = await openStore({ file: ':memory:', migrations: {} });
  await store.close();
  return Object.getPrototypeOf(store);
}
