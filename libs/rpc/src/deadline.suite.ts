import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Call, type Client, detached } from './index.js';
import { point, type ProbeDefinition } from './probe.fixture.js';
import { collect, type OpenClient, SHORT_MS, soon, untilAborted } from './rpc-suite.fixture.js';

/** What every transport promises of the time of a call, and of callers who go. */
export function deadlineSuite(open: OpenClient): void {
  it('tells the handler how long it has, and both sides when the time is up', async () => {
    const seen: Call[] = [];
    const client = await open({ echo: (_, call) => (seen.push(call), untilAborted(call)) });
    const began = Date.now();
    await expect(client.echo({}, { deadlineMs: SHORT_MS })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_EXCEEDED', retryable: false });
    await soon(() => expect(seen[0]?.signal.aborted).toBe(true));
    expect(seen[0]?.deadline.getTime()).toBeGreaterThanOrEqual(began);
    // Without a word from the caller there is a limit too.
    void client.echo({}).catch(() => undefined);
    await soon(() => expect(seen.length).toBe(2));
    expect(seen[1]?.deadline.getTime()).toBeLessThan(Date.now() + 60_000);
  });

  it('ends a stream whose time is up', async () => {
    const seen: Call[] = [];
    const client = await open({
      async *watch(_, call) {
        seen.push(call);
        yield point(1n);
        await once(call.signal, 'abort');
      },
    });
    const got: bigint[] = [];
    const reading = (async () => {
      for await (const { step } of client.watch({}, { deadlineMs: SHORT_MS })) got.push(step);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(got).toEqual([1n]);
    await soon(() => expect(seen[0]?.signal.aborted).toBe(true));
  });

  it('does not begin what has no time left or was cancelled before', async () => {
    let begun = 0;
    const client = await open({ echo: async (row) => (begun++, row) });
    await expect(client.echo({}, { deadlineMs: 0 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect(client.echo({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await sleep(50);
    expect(begun).toBe(0);
  });

  it('tells handlers and the calls that they make when the caller cancels', async () => {
    const seen: Call[] = [];
    const client: Client<typeof ProbeDefinition> = await open({
      echo: (row, call) => (seen.push(call), client.inner(row)),
      inner: (_, call) => (seen.push(call), untilAborted(call)),
    });
    const caller = new AbortController();
    const answer = client.echo({}, { signal: caller.signal });
    await soon(() => expect(seen.length).toBe(2));
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED', reason: 'CANCELLED' });
    await soon(() => expect(seen.map(({ signal }) => signal.aborted)).toEqual([true, true]));
  });

  it('gives the calls that a handler makes the time that is left to it, also between two messages of a stream', async () => {
    const seen: Call[] = [];
    const client: Client<typeof ProbeDefinition> = await open({
      async *watch() {
        yield point(1n);
        await client.inner({}, { deadlineMs: 600_000 });
        yield point(2n);
      },
      inner: (_, call) => (seen.push(call), untilAborted(call)),
    });
    await expect(collect(client.watch({}, { deadlineMs: SHORT_MS }))).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await soon(() => expect(seen[0]?.signal.aborted).toBe(true));
    expect(seen[0]?.deadline.getTime()).toBeLessThan(Date.now() + 60_000);
  });

  it('lets work go on that belongs to no call, and calls of work that outlives its call', async () => {
    const seen: Call[] = [];
    const go = Promise.withResolvers<void>();
    const late: Promise<unknown>[] = [];
    const client: Client<typeof ProbeDefinition> = await open({
      async echo(row) {
        late.push(detached(() => client.inner(row)));
        late.push(go.promise.then(() => client.inner(row)));
        return row;
      },
      inner: async (row, call) => {
        seen.push(call);
        await go.promise;
        await sleep(50);
        return row;
      },
    });
    const caller = new AbortController();
    await client.echo({}, { signal: caller.signal, deadlineMs: 1_000 });
    caller.abort();
    go.resolve();
    await Promise.all(late);
    expect(seen.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    for (const { deadline } of seen) expect(deadline.getTime()).toBeGreaterThan(Date.now() + 2_000);
  });
}
