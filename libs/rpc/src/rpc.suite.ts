import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@millrace/core';
import { afterEach, describe, expect, it } from 'vitest';
import { deadlineSuite } from './deadline.suite.js';
import type { CallInfo } from './index.js';
import { plainHandlers, point } from './probe.fixture.js';
import { collect, errors, type OpenClient, type OpenProbe, type Probe, SHORT_MS, soon, untilAborted } from './rpc-suite.fixture.js';

const MANY = 20_000n;
/** Far more than fits on the way from the producer to the reader. */
const HEAVY = 'x'.repeat(64 * 1_024);
/** Messages of that size that may be on the way: buffers and windows of both sides. */
const ON_THE_WAY = 100;

/** What every transport promises to callers and handlers. */
export function rpcSuite(title: string, openProbe: OpenProbe): void {
  let opened: Probe[] = [];
  const open: OpenClient = async (handlers = {}, options = {}) => {
    const probe = await openProbe({ ...plainHandlers, ...handlers }, options);
    opened.push(probe);
    // The first call also makes the connection; no deadline of a spec is about that.
    if (!handlers.sum && !options.authorize && !options.observers) await probe.client.sum([]);
    return probe.client;
  };
  afterEach(async () => {
    for (const probe of opened) await probe.close();
    opened = [];
  });

  describe(title, () => {
    it('carries the largest integers, times to the millisecond, every kind of a oneof, and what is missing', async () => {
      const client = await open();
      const time = new Date('2001-04-01T05:06:07.089Z');
      const values = {
        big: { kind: { $case: 'int64Value', value: 2n ** 63n - 1n } },
        low: { kind: { $case: 'int64Value', value: -(2n ** 63n) } },
        when: { kind: { $case: 'timestampValue', value: time } },
        text: { kind: { $case: 'stringValue', value: 'Zürich' } },
        no: { kind: { $case: 'boolValue', value: false } },
        nan: { kind: { $case: 'float64Value', value: Number.NaN } },
        missing: { kind: undefined },
      } as const;
      expect(await client.echo({ values })).toEqual({ values });
    });

    it('fills what a caller leaves out', async () => {
      const asked: unknown[] = [];
      const client = await open({ echo: async (row) => (asked.push(row), row) });
      await client.echo({});
      expect(asked).toEqual([{ values: {} }]);
    });

    it('sends a stream in order and ends it', async () => {
      const client = await open();
      expect((await collect(client.watch({ step: 100n }))).map(({ step }) => step)).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(i)));
      expect(await collect(client.watch({ step: 0n }))).toEqual([]);
    });

    it('adds up what a caller streams, and answers in a conversation before more is said', async () => {
      const client = await open();
      expect((await client.sum([point(1n), point(2n), point(2n ** 40n)])).step).toBe(2n ** 40n + 3n);
      const answers: bigint[] = [];
      const heard: number[] = [];
      async function* ask() {
        for (let i = 1n; i <= 3n; i++) {
          heard.push(answers.length);
          yield point(i);
          await soon(() => expect(answers.length).toBe(Number(i)));
        }
      }
      for await (const { step } of client.talk(ask())) answers.push(step);
      expect(answers).toEqual([2n, 4n, 6n]);
      expect(heard).toEqual([0, 1, 2]);
    });

    it('makes no more than a slow reader takes, and ends the producer when the reader leaves', async () => {
      let made = 0;
      let left = false;
      const client = await open({
        async *watch(_, call) {
          try {
            for (; made < MANY; made++) yield point(BigInt(made), HEAVY);
          } finally {
            left = call.signal.aborted;
          }
        },
      });
      const reader = client.watch({})[Symbol.asyncIterator]();
      for (let i = 0n; i < 3n; i++) expect((await reader.next()).value?.step).toBe(i);
      await standsStill(() => made);
      expect(made).toBeLessThan(ON_THE_WAY);
      // It goes on where it stood.
      for (let i = 3n; i < 200n; i++) expect((await reader.next()).value?.step).toBe(i);
      await standsStill(() => made);
      expect(made).toBeLessThan(200 + ON_THE_WAY);
      await reader.return?.();
      await soon(() => expect(left).toBe(true));
    });

    it('takes no more of an upload than a slow handler reads, and ends the source when the handler has answered', async () => {
      let made = 0;
      let ended = false;
      const go = Promise.withResolvers<void>();
      const client = await open({
        async sum(points) {
          for await (const { step } of points) {
            if (step === 3n) await go.promise;
            if (step === 200n) break;
          }
          return point(200n);
        },
      });
      async function* source() {
        try {
          for (; made < MANY; made++) yield point(BigInt(made), HEAVY);
        } finally {
          ended = true;
        }
      }
      const answer = client.sum(source());
      await standsStill(() => made);
      expect(made).toBeGreaterThan(2);
      expect(made).toBeLessThan(ON_THE_WAY);
      go.resolve();
      expect((await answer).step).toBe(200n);
      await soon(() => expect(ended).toBe(true));
      expect(made).toBeLessThan(200 + ON_THE_WAY);
    });

    it('ends an upload whose source fails, on both sides, and says why', async () => {
      const read: bigint[] = [];
      const gone: unknown[] = [];
      const client = await open({
        async sum(points, { signal }) {
          signal.addEventListener('abort', () => gone.push(signal.reason));
          for await (const { step } of points) read.push(step);
          return untilAborted({ signal });
        },
      });
      async function* source() {
        yield point(1n);
        await soon(() => expect(read).toEqual([1n]));
        throw errors.SOLD_OUT({ seat: '7' });
      }
      await expect(client.sum(source())).rejects.toMatchObject({ reason: 'SOLD_OUT' });
      await soon(() => expect(gone).toMatchObject([{ reason: 'CANCELLED' }]));
      await opened.at(-1)?.drain();
    });

    it('ends a conversation whose source fails, and says why', async () => {
      const client = await open();
      async function* source() {
        yield point(1n);
        throw errors.SOLD_OUT({ seat: '7' });
      }
      await expect(collect(client.talk(source()))).rejects.toMatchObject({ reason: 'SOLD_OUT' });
    });

    deadlineSuite(open);

    it('brings an error back as the error that it was, whatever the kind of call', async () => {
      const client = await open({
        echo: async () => Promise.reject(errors.SOLD_OUT({ seat: '7' })),
        async *watch() {
          yield point(1n);
          throw errors.AWAY({});
        },
        sum: async () => Promise.reject(errors.SOLD_OUT({ seat: '8' })),
      });
      const sold = await client.echo({}).catch((error: unknown) => error);
      expect(sold).toBeInstanceOf(AppError);
      expect(sold).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'probe.millrace', reason: 'SOLD_OUT', message: 'Seat 7 is sold; choose another.', metadata: { seat: '7' }, retryable: false });
      await expect(collect(client.watch({}))).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'AWAY', retryable: true });
      await expect(client.sum([point(1n)])).rejects.toMatchObject({ reason: 'SOLD_OUT', metadata: { seat: '8' } });
    });

    it('says nothing of its insides when an error is nobody’s, and tells its own process', async () => {
      const bugs: { readonly error: unknown; readonly info: CallInfo }[] = [];
      const fault = new TypeError('password=hunter2');
      const client = await open(
        {
          echo: async () => Promise.reject(fault),
          async *watch() {
            throw fault;
          },
        },
        { onBug: (error, info) => bugs.push({ error, info }) },
      );
      for (const failing of [() => client.echo({}), () => collect(client.watch({}))]) {
        const error = (await failing().then(() => undefined, (thrown: unknown) => thrown)) as AppError;
        expect(error).toMatchObject({ code: 'INTERNAL', reason: 'INTERNAL', message: 'Internal error.', metadata: {} });
      }
      expect(bugs.map(({ error, info }) => [error, info.method])).toEqual([[fault, 'Echo'], [fault, 'Watch']]);
    });

    it('takes a handler that stops because its caller has gone for no fault of its own', async () => {
      const bugs: unknown[] = [];
      const stopped: unknown[] = [];
      const client = await open(
        {
          async echo(row, { signal }) {
            await once(signal, 'abort');
            stopped.push(signal.reason);
            signal.throwIfAborted();
            return row;
          },
        },
        { onBug: (error) => bugs.push(error) },
      );
      await expect(client.echo({}, { deadlineMs: SHORT_MS })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await expect(client.echo({}, { signal: AbortSignal.timeout(SHORT_MS) })).rejects.toMatchObject({ code: 'CANCELLED' });
      // The caller's clock started before the handler's: his farewell may come before the deadline is over here.
      await soon(() => expect(stopped).toMatchObject([{ code: expect.stringMatching(/^(?:DEADLINE_EXCEEDED|CANCELLED)$/) }, { code: 'CANCELLED' }]));
      await opened.at(-1)?.drain();
      expect(bugs).toEqual([]);
    });

    it('asks whether a call may be made, with its metadata, before the handler begins', async () => {
      let begun = 0;
      const seen: string[] = [];
      const client = await open(
        { echo: async (row, { metadata }) => (begun++, seen.push(metadata['who'] ?? ''), row) },
        {
          authorize: (_, { who = '' }) => {
            if (who !== 'ada') throw errors.FORBIDDEN({ who });
          },
        },
      );
      await expect(client.echo({}, { metadata: { who: 'bob' } })).rejects.toMatchObject({ code: 'PERMISSION_DENIED', metadata: { who: 'bob' } });
      await expect(collect(client.watch({ step: 2n }))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      expect(begun).toBe(0);
      await client.echo({}, { metadata: { who: 'ada' } });
      expect(seen).toEqual(['ada']);
    });

    it('keeps an error for whoever reads the stream, however late', async () => {
      const client = await open({
        async *watch() {
          throw errors.AWAY({});
        },
      });
      const stream = client.watch({});
      await sleep(100);
      await expect(collect(stream)).rejects.toMatchObject({ reason: 'AWAY' });
    });

    it('counts every call to its end: answered, failed, left, and left by a handler that fails while it cleans up', async () => {
      const calls = new Map<string, string[]>();
      const observer = {
        begin: ({ method, side }: CallInfo) => ({
          run: <T>(work: () => T): T => work(),
          end: (error: AppError | undefined) => void calls.set(`${side} ${method}`, [...(calls.get(`${side} ${method}`) ?? []), error?.code ?? 'OK']),
        }),
      };
      const client = await open(
        {
          echo: async () => Promise.reject(errors.AWAY({})),
          async *watch() {
            try {
              for (let i = 0n; i < MANY; i++) yield point(i, HEAVY);
            } finally {
              throw errors.SOLD_OUT({ seat: '1' });
            }
          },
        },
        { observers: [observer] },
      );
      await client.inner({});
      await expect(client.echo({})).rejects.toThrow('away');
      for await (const { step } of client.watch({})) if (step === 1n) break;
      await soon(() => expect(Object.fromEntries(calls)).toMatchObject({ 'server Inner': ['OK'], 'server Echo': ['UNAVAILABLE'], 'server Watch': [expect.any(String)] }));
      await opened.at(-1)?.drain();
    });
  });
}

/** Resolves once a count has not moved for a while: whoever counts waits for somebody. */
async function standsStill(count: () => number): Promise<void> {
  const LOOKS = 8;
  for (let still = 0, last = -1; still < LOOKS; still = count() === last ? still + 1 : 0) {
    last = count();
    await sleep(25);
  }
}
