import { entryUrl, isError } from '@millrace/core';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type JobRunner, type JobSpec, openJobRunner, type Progress } from './index.js';
import { markOf } from './process-info.js';

const entry = (name: string): URL => entryUrl(import.meta.url, `./fixtures/${name}.job.js`);
const AFTER_CRASH = 20_000;

let dir: string;
let runner: JobRunner;
const runners: JobRunner[] = [];

async function open(options: { maxConcurrent?: number; graceMs?: number } = {}): Promise<JobRunner> {
  const opened = await openJobRunner({ dir: join(dir, 'jobs'), graceMs: 500, ...options });
  runners.push(opened);
  return opened;
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-jobs-'));
  runner = await open();
});

afterEach(async () => {
  for (const opened of runners.splice(0)) await opened.close();
  rmSync(dir, { recursive: true, force: true });
});

const endure = (id: string, argument: object, more: Partial<JobSpec> = {}): JobSpec => ({ id, entry: entry('endure'), argument, ...more });
const fail = (id: string, argument: object, more: Partial<JobSpec> = {}): JobSpec => ({ id, entry: entry('fail'), argument, ...more });
const at = (name: string): string => join(dir, name);
const failure = (job: { result: Promise<unknown> }): Promise<unknown> => job.result.then(() => 'no failure', (error: unknown) => error);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

async function begun(job: { progress(): AsyncIterable<Progress> }): Promise<void> {
  for await (const _ of job.progress()) return;
}

it('gives the result of a job, with every bit of its argument, and its progress', async () => {
  const argument = { big: 2n ** 63n, minus: -0, gap: NaN, text: 'é' };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  process.env['SECRET_OF_THE_RUNNER'] = 'x';
  const job = await runner.start({ id: 'a', entry: entry('echo'), argument, traceparent, memoryMb: 300, env: { EXTRA: '1' } });
  const reports: Progress[] = [];
  for await (const report of job.progress()) reports.push(report);
  const result = (await job.result) as { argument: unknown; environment: string[]; traceparent: string; arguments: string[] };
  expect(result).toMatchObject({ argument, id: 'a', traceparent });
  expect(Object.is((result.argument as typeof argument).minus, -0)).toBe(true);
  expect(result.environment).toContain('PATH');
  expect(result.environment).toContain('EXTRA');
  expect(result.environment).not.toContain('SECRET_OF_THE_RUNNER');
  expect(result.arguments).toContain('--max-old-space-size=300');
  expect(reports).toEqual([{ step: 'read', done: 1, total: 2 }, { step: 'write', done: 2, total: 2, note: 'all' }]);
  expect(readFileSync(join(dir, 'jobs/a/log.txt'), 'utf8')).toContain('"message":"here"');
});

it('brings an error of the job back as the same error', async () => {
  const error = await failure(await runner.start(fail('a', { how: 'app' }, { retries: 3 })));
  expect(isError(error, 'fixture.millrace', 'NO_TARGET')).toBe(true);
  expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', message: 'Column late is not there.', metadata: { column: 'late' } });
});

it('tells a bug, a crash, an early exit and a missing entry point apart', async () => {
  const wide = await open({ maxConcurrent: 4 });
  const [bug, crash, exit, none] = await Promise.all([
    wide.start(fail('bug', { how: 'bug' })).then(failure),
    wide.start(fail('crash', { how: 'crash' })).then(failure),
    wide.start(fail('exit', { how: 'exit' })).then(failure),
    wide.start({ id: 'none', entry: entry('nowhere'), argument: 1 }).then(failure),
  ]);
  expect(bug).toMatchObject({ code: 'INTERNAL', reason: 'JOB_FAILED', metadata: { detail: 'x is not a function' } });
  expect(crash).toMatchObject({ reason: 'JOB_CRASHED', metadata: { how: 'SIGSEGV' } });
  expect(exit).toMatchObject({ reason: 'JOB_CRASHED', metadata: { how: 'exit code 3' } });
  expect(none).toMatchObject({ reason: 'JOB_CRASHED', message: expect.stringContaining('nowhere.job.js') });
});

it('outlasts a server that is away for longer than it would a crash', async () => {
  expect(await (await runner.start(fail('away', { how: 'busy', mark: at('away'), times: 3 }, { retries: 1 }))).result).toBe('at last');
});

it('begins anew after a crash and after UNAVAILABLE as often as it may, and not after a bug', async () => {
  const crash = await runner.start(fail('crash', { how: 'crash', mark: at('m1') }, { retries: 1 }));
  const busy = await runner.start(fail('busy', { how: 'busy', mark: at('m2') }, { retries: 1 }));
  expect(await crash.result).toBe('second time');
  expect(await busy.result).toBe('second time');
  expect(await failure(await runner.start(fail('bug', { how: 'bug', mark: at('m3') }, { retries: 1 })))).toMatchObject({ reason: 'JOB_FAILED' });
  expect(await failure(await runner.start(fail('crash-again', { how: 'crash' }, { retries: 1 })))).toMatchObject({ reason: 'JOB_CRASHED' });
  expect(existsSync(join(dir, 'jobs/crash-again/claim.2.json'))).toBe(true);
  expect(existsSync(join(dir, 'jobs/crash-again/claim.3.json'))).toBe(false);
});

it('ends a job that runs out of time, politely or not', async () => {
  const wide = await open({ maxConcurrent: 2 });
  const [polite, deaf] = await Promise.all([wide.start(endure('wait', { how: 'wait' }, { timeoutMs: 300 })), wide.start(endure('deaf', { how: 'deaf' }, { timeoutMs: 300 }))]);
  for (const job of [polite, deaf]) expect(await failure(job)).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'JOB_TIMED_OUT', metadata: { seconds: '0.3' } });
  expect(existsSync(join(dir, 'jobs/wait/result.1.json'))).toBe(true);
  expect(existsSync(join(dir, 'jobs/deaf/result.1.json'))).toBe(false);
});

it('cancels a running job, a deaf one and one that waits for its turn', async () => {
  const narrow = await open({ maxConcurrent: 1 });
  const polite = await narrow.start(endure('wait', { how: 'wait' }));
  const waiting = await narrow.start(endure('queued', { how: 'wait', ledger: at('ledger') }));
  await begun(polite);
  await waiting.cancel('not needed');
  await polite.cancel('changed my mind');
  expect(await failure(polite)).toMatchObject({ code: 'ABORTED', reason: 'JOB_CANCELLED', metadata: { why: 'changed my mind' } });
  expect(await failure(waiting)).toMatchObject({ reason: 'JOB_CANCELLED', metadata: { why: 'not needed' } });
  expect(existsSync(at('ledger'))).toBe(false);
  const deaf = await narrow.start(endure('deaf', { how: 'deaf' }));
  await begun(deaf);
  await deaf.cancel('enough');
  expect(await failure(deaf)).toMatchObject({ reason: 'JOB_CANCELLED' });
});

it('ends a job that takes more memory than it may, inside or outside the heap of JavaScript', async () => {
  const error = await failure(await runner.start(endure('hoard', { how: 'hoard' }, { memoryMb: 200, retries: 3 })));
  expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'JOB_OUT_OF_MEMORY', metadata: { limit: '200' } });
  expect(existsSync(join(dir, 'jobs/hoard/claim.2.json'))).toBe(false);
});

it('lets a job block its event loop as long as it computes, and ends one that does nothing at all', async () => {
  const [block, stop] = await Promise.all([
    runner.start(endure('block', { how: 'block', ms: 2_500 }, { heartbeatMs: 1_500 })),
    runner.start(endure('stop', { how: 'stop' }, { heartbeatMs: 1_500 })),
  ]);
  expect(await failure(stop)).toMatchObject({ code: 'UNAVAILABLE', reason: 'JOB_STALLED' });
  expect(await block.result).toMatchObject({ ended: 'by itself' });
});

it('starts an id once, however often it is asked to', async () => {
  const spec = endure('once', { how: 'wait', until: at('go'), ledger: at('ledger') });
  const [first, second] = await Promise.all([runner.start(spec), runner.start(spec)]);
  writeFileSync(at('go'), '');
  expect(await first.result).toEqual(await second.result);
  expect(await (await runner.start(spec)).result).toEqual(await first.result);
  const later = await open();
  expect(await (await later.start(spec)).result).toEqual(await first.result);
  expect(readFileSync(at('ledger'), 'utf8').trim().split('\n')).toHaveLength(1);
});

it('forgets a job that has ended and not one that runs', async () => {
  const job = await runner.start(endure('a', { how: 'wait', until: at('go') }));
  await expect(runner.forget('a')).rejects.toMatchObject({ reason: 'JOB_RUNNING' });
  writeFileSync(at('go'), '');
  await job.result;
  await runner.forget('a');
  expect(existsSync(join(dir, 'jobs/a'))).toBe(false);
  expect(await runner.get('a')).toBeUndefined();
});

it('refuses an id that could name another path', async () => {
  for (const id of ['../x', '', 'a/b', '.hidden', 'a'.repeat(129)]) await expect(runner.start(endure(id, { how: 'wait' }))).rejects.toMatchObject({ reason: 'INVALID_JOB_ID' });
});

it('runs no more jobs at once than it may', async () => {
  const narrow = await open({ maxConcurrent: 1 });
  const first = await narrow.start(endure('first', { how: 'wait', until: at('go'), ledger: at('ledger') }));
  const second = await narrow.start(endure('second', { how: 'wait', until: at('go'), ledger: at('ledger') }));
  await begun(first);
  await sleep(300);
  expect(readFileSync(at('ledger'), 'utf8').trim().split('\n')).toHaveLength(1);
  writeFileSync(at('go'), '');
  await Promise.all([first.result, second.result]);
});

it('keeps the log of a talkative job within bounds', async () => {
  const job = await runner.start(endure('a', { how: 'wait', until: at('go') }));
  await begun(job);
  writeFileSync(join(dir, 'jobs/a/log.txt'), `${'x'.repeat(20 << 20)}\nlast line\n`);
  await until(() => statSync(join(dir, 'jobs/a/log.txt')).size < 8 << 20);
  expect(readFileSync(join(dir, 'jobs/a/log.txt'), 'utf8').endsWith('last line\n')).toBe(true);
  writeFileSync(at('go'), '');
  await job.result;
});

/** A runner in a process of its own; gives once its job has begun. */
async function parentOf(spec: { id: string; entry: URL; argument: unknown; retries?: number }, { marker = 'begun' } = {}) {
  const parent = spawn(process.execPath, [fileURLToPath(entryUrl(import.meta.url, './fixtures/parent.js')), join(dir, 'jobs'), JSON.stringify({ ...spec, entry: spec.entry.href })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  parent.stdout.on('data', (piece: Buffer) => (said += String(piece)));
  await until(() => said.includes(marker) || parent.exitCode !== null);
  const gone = new Promise((resolve) => parent.once('exit', resolve));
  return {
    kill: async () => {
      parent.kill('SIGKILL');
      await gone;
    },
  };
}

const ledgerPids = (): number[] => readFileSync(at('ledger'), 'utf8').trim().split('\n').map(Number);

it('adopts a job whose runner was killed, and delivers its result', async () => {
  const parent = await parentOf({ id: 'a', entry: entry('endure'), argument: { how: 'wait', until: at('go'), ledger: at('ledger') } });
  await parent.kill();
  const { adopted, finished, ended } = await runner.recover();
  expect([adopted.map(({ id }) => id), finished, ended]).toEqual([['a'], [], []]);
  await begun(adopted[0] ?? expect.fail());
  writeFileSync(at('go'), '');
  expect(await adopted[0]?.result).toMatchObject({ ended: 'by itself' });
  expect(ledgerPids()).toHaveLength(1);
}, AFTER_CRASH);

it('cancels a job that it has adopted', async () => {
  const parent = await parentOf({ id: 'a', entry: entry('endure'), argument: { how: 'deaf', ledger: at('ledger') } });
  await parent.kill();
  const [job] = (await runner.recover()).adopted;
  await job?.cancel('found it');
  expect(await failure(job ?? expect.fail())).toMatchObject({ reason: 'JOB_CANCELLED' });
  expect(markOf(ledgerPids()[0] ?? 0)).toBeUndefined();
}, AFTER_CRASH);

it('delivers a job that finished while no runner was there', async () => {
  const parent = await parentOf({ id: 'a', entry: entry('endure'), argument: { how: 'wait', until: at('go') } });
  await parent.kill();
  writeFileSync(at('go'), '');
  await until(() => existsSync(join(dir, 'jobs/a/result.1.json')));
  await sleep(200);
  const { adopted, finished, ended } = await runner.recover();
  expect([adopted, ended]).toEqual([[], []]);
  expect(finished).toMatchObject([{ id: 'a', outcome: { ok: true, value: { ended: 'by itself' } } }]);
  expect((await (await open()).recover()).finished).toHaveLength(1);
}, AFTER_CRASH);

it('ends and forgets, once all have said what they expect, the jobs of a killed runner that nobody expects', async () => {
  for (const id of ['wanted', 'done', 'deserted']) {
    const parent = await parentOf({ id, entry: entry('endure'), argument: { how: 'wait', until: at(`go-${id}`), ledger: at('ledger') } });
    await parent.kill();
  }
  for (const id of ['wanted', 'done']) {
    writeFileSync(at(`go-${id}`), '');
    await until(() => existsSync(join(dir, `jobs/${id}/result.1.json`)));
  }
  await until(() => markOf(ledgerPids()[0] ?? 0) === undefined && markOf(ledgerPids()[1] ?? 0) === undefined);
  const { adopted, finished } = await runner.recover();
  expect([adopted.map(({ id }) => id), finished.map(({ id }) => id).sort()]).toEqual([['deserted'], ['done', 'wanted']]);
  runner.expect('wanted');
  expect([...(await runner.forgetUnexpected())].sort()).toEqual(['deserted', 'done']);
  expect(readdirSync(join(dir, 'jobs'))).toEqual(['wanted']);
  expect(markOf(ledgerPids()[2] ?? 0)).toBeUndefined();
  expect(await (await runner.get('wanted'))?.result).toMatchObject({ ended: 'by itself' });
  expect(await runner.forgetUnexpected()).toEqual([]);
}, AFTER_CRASH);

it('reports a job as lost that died with its runner, and begins it anew where it may', async () => {
  for (const retries of [0, 1]) {
    const id = `job-${retries}`;
    const parent = await parentOf({ id, entry: entry('endure'), argument: { how: 'wait', until: at('go'), ledger: at('ledger') }, retries });
    await parent.kill();
    process.kill(ledgerPids().at(-1) ?? 0, 'SIGKILL');
  }
  await sleep(100);
  const { adopted, finished, ended } = await runner.recover();
  expect(finished).toEqual([]);
  expect(ended).toMatchObject([{ id: 'job-0', error: { code: 'UNAVAILABLE', reason: 'JOB_LOST', retryable: true } }]);
  expect(adopted.map(({ id }) => id)).toEqual(['job-1']);
  writeFileSync(at('go'), '');
  expect(await adopted[0]?.result).toMatchObject({ ended: 'by itself' });
}, AFTER_CRASH);

it('does not take another process with the same number for the job', async () => {
  const parent = await parentOf({ id: 'a', entry: entry('endure'), argument: { how: 'wait', ledger: at('ledger') } });
  await parent.kill();
  process.kill(ledgerPids()[0] ?? 0, 'SIGKILL');
  const path = join(dir, 'jobs/a/claim.1.json');
  const claim = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...claim, pid: process.pid }));
  expect((await runner.recover()).ended).toMatchObject([{ id: 'a', error: { reason: 'JOB_LOST' } }]);
}, AFTER_CRASH);

it('goes on after a shutdown with the jobs that waited or ran', async () => {
  const narrow = await open({ maxConcurrent: 1 });
  const running = await narrow.start(endure('running', { how: 'wait', until: at('go') }, { retries: 1 }));
  const waiting = await narrow.start(endure('waiting', { how: 'wait', until: at('go') }));
  await begun(running);
  await narrow.close();
  for (const job of [running, waiting]) expect(await failure(job)).toMatchObject({ code: 'UNAVAILABLE', reason: 'RUNNER_CLOSED' });
  await expect(narrow.start(endure('late', { how: 'wait' }))).rejects.toMatchObject({ reason: 'RUNNER_CLOSED' });
  const { adopted } = await (await open()).recover();
  writeFileSync(at('go'), '');
  expect(adopted.map(({ id }) => id).sort()).toEqual(['running', 'waiting']);
  for (const job of adopted) expect(await job.result).toMatchObject({ ended: 'by itself' });
});

it('leaves a job running when asked to', async () => {
  const job = await runner.start(endure('a', { how: 'wait', until: at('go'), ledger: at('ledger') }));
  await begun(job);
  await runner.close({ leave: true });
  const next = await open();
  const { adopted } = await next.recover();
  writeFileSync(at('go'), '');
  expect(await adopted[0]?.result).toMatchObject({ ended: 'by itself' });
  expect(ledgerPids()).toHaveLength(1);
});
