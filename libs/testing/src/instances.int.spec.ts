import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { entryUrl } from '@millrace/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Instances, type InstancesOptions, type SharedServers, useSharedServers } from './index.js';

const LEASE_SECONDS = 2;
const SPEC_MS = 300_000;

let servers: SharedServers;
let instances: Instances | undefined;
let dir: string;
beforeAll(async () => {
  servers = await useSharedServers();
}, SPEC_MS);
afterEach(async () => {
  await instances?.close();
  instances = undefined;
  rmSync(dir, { recursive: true, force: true });
});
afterAll(() => servers.drop());

/** Instances of the counting fixture; its jobs write a line when they begin and wait for `go`. */
async function start(count: number, { fault = '', gate = '', leaseSeconds = LEASE_SECONDS, ...options }: Partial<InstancesOptions> & { readonly fault?: string; readonly gate?: string; readonly leaseSeconds?: number } = {}): Promise<Instances> {
  dir = mkdtempSync(join(tmpdir(), 'millrace-instances-'));
  const { MILLRACE_DATABASE_URL: url = '' } = servers.env;
  const env = { MILLRACE_DATABASE_URL: url, MILLRACE_LEASE_SECONDS: String(leaseSeconds), FIXTURE_DIR: dir, FIXTURE_FAULT: fault, FIXTURE_GATE: gate === '' ? '' : join(dir, gate) };
  return (instances = await Instances.start({ entry: entryUrl(import.meta.url, './counting.fixture.js'), count, directory: join(dir, 'data'), ...options, env }));
}

const go = (lane = ''): void => appendFileSync(join(dir, `go-${lane}`), '');
const begun = (): number => (existsSync(join(dir, 'begun')) ? readFileSync(join(dir, 'begun'), 'utf8').trim().split('\n').length : 0);
const ask = async (index: number, path: string, method = 'GET') => (await (await fetch(`${instances?.http(index)}${path}`, { method })).json().catch(() => ({}))) as never;
const order = async (index: number, lane = ''): Promise<string> => (await (ask(index, `/jobs?lane=${lane}`, 'POST') as Promise<{ id: string }>)).id;
const job = (index: number, id: string) => ask(index, `/jobs/${id}`) as Promise<{ state: string; reason: string }>;
const effects = async (index: number, ids: readonly string[]): Promise<readonly string[]> =>
  (await (ask(index, '/effects') as Promise<{ effects: readonly { job: string }[] }>)).effects.map((effect) => effect.job).filter((id) => ids.includes(id)).sort();
const ended = (index: number, id: string, state = 'SUCCEEDED') => eventually(`job ${id} to be ${state}`, async () => (await job(index, id)).state === state);
const figure = async (index: number, name: string): Promise<number> => Number(new RegExp(`^${name}{service="counting"} (\\d+)`, 'm').exec((await instances?.metrics(index)) ?? '')?.[1]);

describe('several instances over one database', () => {
  it('share the jobs that one of them was given', async () => {
    await start(3);
    // Each instance runs two at a time.
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push(await order(0));
    await eventually('all to run at once', async () => begun() === 6);
    expect(await Promise.all([0, 1, 2].map((i) => figure(i, 'millrace_leases_held')))).toEqual([2, 2, 2]);
    go();
    for (const id of ids) await ended(1, id);
    expect(await effects(2, ids)).toEqual(ids.toSorted());
  }, SPEC_MS);

  it('run the jobs of one lane one after another, in the order of asking, whoever was asked and however wrong its clock', async () => {
    await start(3, { clockOffsets: [300_000, 0, -300_000] });
    const ids = [await order(0, 'a'), await order(1, 'a'), await order(2, 'a'), await order(0, 'a')];
    await eventually('the first to run', async () => (await job(1, ids[0] ?? '')).state === 'RUNNING');
    await sleep(LEASE_SECONDS * 1_000);
    expect(begun(), 'though there is room everywhere').toBe(1);
    go('a');
    for (const id of ids) await ended(1, id);
    expect(await (ask(1, '/effects') as Promise<{ effects: readonly { job: string }[] }>).then(({ effects: all }) => all.map((effect) => effect.job).filter((id) => ids.includes(id)))).toEqual(ids);
  }, SPEC_MS);

  it('cancel a job wherever it runs, and one that waits', async () => {
    await start(2);
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await order(0));
    await eventually('four to run', async () => begun() === 4);
    for (const id of ids) await ask(1, `/jobs/${id}`, 'DELETE');
    for (const id of ids) await ended(0, id, 'CANCELLED');
    expect(await effects(0, ids)).toEqual([]);
  }, SPEC_MS);

  it('take over what a dead one had, once, and tell so', async () => {
    await start(3);
    const ids = [await order(0), await order(0)];
    await eventually('both to run', async () => begun() === 2);
    const holders = [];
    for (const i of [0, 1, 2]) if ((await figure(i, 'millrace_leases_held')) > 0) holders.push(i);
    const [dead = 0] = holders;
    const [left = 1, other = 2] = [0, 1, 2].filter((i) => i !== dead);
    const lost = await figure(dead, 'millrace_leases_held');
    await instances?.kill(dead);
    await eventually('a takeover', async () => (await figure(left, 'millrace_lease_takeovers_total')) + (await figure(other, 'millrace_lease_takeovers_total')) === lost);
    go();
    for (const id of ids) await ended(left, id);
    expect(await effects(left, ids)).toEqual(ids.toSorted());
  }, SPEC_MS);

  it('give what they have to the others at once when they end in order', async () => {
    await start(2, { leaseSeconds: 600 });
    const id = await order(0);
    await eventually('it to run', async () => begun() === 1);
    const holder = (await figure(0, 'millrace_leases_held')) > 0 ? 0 : 1;
    await instances?.end(holder);
    go();
    await ended(1 - holder, id);
    expect(await figure(1 - holder, 'millrace_lease_takeovers_total'), 'it was given, not left').toBe(0);
    expect(await effects(1 - holder, [id])).toEqual([id]);
  }, SPEC_MS);

  it('go on at once with their own work when they are started again over the same data', async () => {
    await start(2, { leaseSeconds: 600 });
    const id = await order(0);
    await eventually('it to run', async () => begun() === 1);
    const holder = (await figure(0, 'millrace_leases_held')) > 0 ? 0 : 1;
    await instances?.kill(holder);
    await instances?.begin(holder);
    expect(await figure(holder, 'millrace_leases_held')).toBe(1);
    go();
    await ended(holder, id);
    expect(begun(), 'the process that ran it went on').toBe(1);
    expect(await effects(holder, [id])).toEqual([id]);
  }, SPEC_MS);
});

/** The holder stands still, just before it keeps the end of a job, for longer than its lease lasts; another takes the job and ends it; then the first wakes and goes on. */
async function wakeTheDead(fault = ''): Promise<{ readonly id: string; readonly effects: readonly string[] }> {
  await start(2, { fault, gate: 'keep' });
  const id = await order(0);
  await eventually('it to run', async () => begun() === 1);
  const holder = (await figure(0, 'millrace_leases_held')) > 0 ? 0 : 1;
  const other = 1 - holder;
  go();
  // Its result is there, and it waits for the gate.
  await sleep(1_000);
  instances?.freeze(holder);
  await eventually('the other to begin it', async () => begun() === 2);
  appendFileSync(join(dir, 'keep'), '');
  await ended(other, id);
  instances?.wake(holder);
  await eventually('the first to let go', async () => (await figure(holder, 'millrace_leases_held')) === 0);
  await sleep(LEASE_SECONDS * 500);
  return { id, effects: await effects(other, [id]) };
}

describe('an instance that wakes after its lease has run out', () => {
  it('keeps nothing of a job that another has ended', async () => {
    const { id, effects: had } = await wakeTheDead();
    expect(had).toEqual([id]);
  }, SPEC_MS);

  it('would be found out if nothing kept it from it', async () => {
    const { id, effects: had } = await wakeTheDead('unfenced');
    expect(had).toEqual([id, id]);
  }, SPEC_MS);
});

describe('a job that takes down one instance after another', () => {
  it('is given up after some, and says why', async () => {
    await start(1);
    const id = await order(0);
    for (let life = 1; life <= 6; life++) {
      await eventually(`life ${life} to run it`, async () => begun() === life);
      await instances?.kill(0);
      await instances?.begin(0, { stranger: true });
    }
    await ended(0, id, 'FAILED');
    expect((await job(0, id)).reason).toBe('JOB_ABANDONED');
    expect(begun()).toBe(6);
  }, SPEC_MS);
});
