import { createRequire } from 'node:module';

/** Two faults of kafkajs 2.2.4, which nobody maintains any more, mended in place; who imports this has them mended for the whole process. */
const require = createRequire(import.meta.url);

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}
interface Runner {
  readonly running: boolean;
  readonly consumerGroup: { commitOffsets(offsets: unknown): Promise<void> };
  commitOffsets(offsets: unknown): Promise<void>;
}

const queue = prototypeOf<RequestQueue>('kafkajs/src/network/requestQueue', 'scheduleCheckPendingRequests');
const runner = prototypeOf<Runner>('kafkajs/src/consumer/runner', 'commitOffsets');

// Each connection re-arms a timer of 1 ms for ever (850 a second, 6 % of a core), though nothing waits and nothing is throttled.
const schedule = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};

// A consumer that is being restarted says that it has committed, and has not. And a commit that fails with its connection is made again later,
// then in the name of whatever generation has come: for partitions that another member may have by now. One try, and the truth.
runner.commitOffsets = function (this: Runner, offsets: unknown) {
  return this.running ? this.consumerGroup.commitOffsets(offsets) : Promise.reject(new Error('The consumer does not run.'));
};

function prototypeOf<T>(path: string, method: keyof T & string): T {
  const { prototype } = require(path) as { readonly prototype: T };
  if (typeof prototype[method] !== 'function') throw new Error(`${path} has no ${method}: this is not the kafkajs that was mended.`);
  return prototype;
}
