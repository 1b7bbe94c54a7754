import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryUrl } from '@millrace/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type JobHandle, type JobRunner, type LogLine, openJobRunner } from './index.js';
import { redactionOf } from './redaction.js';

let dir: string;
const runners: JobRunner[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'millrace-log-'))));
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
  rmSync(dir, { recursive: true, force: true });
});

async function open(env: NodeJS.ProcessEnv = process.env): Promise<JobRunner> {
  const runner = await openJobRunner({ dir: join(dir, 'jobs'), graceMs: 200, env });
  runners.push(runner);
  await runner.recover();
  return runner;
}

const talk = (runner: JobRunner, argument: { readonly lines: readonly string[]; readonly until?: string; readonly last?: string }) => runner.start({ id: 'talk', entry: entryUrl(import.meta.url, './fixtures/talk.job.js'), argument });

async function told(job: JobHandle): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const part of job.log()) lines.push(...part.lines);
  return lines;
}

const texts = (lines: readonly LogLine[]) => lines.map(({ text }) => text);

it('tells what a job prints, what it logs and which step it is at, in order and to the last line', async () => {
  const job = await talk(await open(), { lines: ['one', '\u001b[31mtwo\u001b[0m', '10 %\r90 %\r100 %', ''], last: 'the end' });
  const lines = await told(job);
  expect(texts(lines)).toEqual(['talk', 'one', 'two', '100 %', 'half way path=a b rows=3', 'the end']);
  expect(lines.map(({ position }) => position)).toEqual(lines.map(({ position }) => position).toSorted((a, b) => a - b));
  for (const { time } of lines) expect(Math.abs(Date.now() - time.getTime())).toBeLessThan(60_000);
});

it('tells while the job goes on, and nothing twice when another runner takes it up', async () => {
  const until = join(dir, 'go');
  const first = await open();
  const job = await talk(first, { lines: ['one'], until, last: 'later\n' });
  const parts = job.log()[Symbol.asyncIterator]();
  const heard: LogLine[] = [];
  while (!texts(heard).includes('half way path=a b rows=3')) heard.push(...((await parts.next()).value?.lines ?? []));
  // Asking for the next part says that this one is kept; the runner closes before there is one.
  const next = parts.next();
  await first.close({ leave: true });
  expect(await next).toMatchObject({ done: true });
  expect(texts(heard)).toEqual(['talk', 'one', 'half way path=a b rows=3']);
  writeFileSync(until, '');
  const again = await (await open()).get('talk');
  if (!again) throw new Error('The job is gone.');
  expect(texts(await told(again))).toEqual(['later']);
});

it('tells the newest of what is too much, and says how much is left out', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} of very many that nobody will ever read`);
  const job = await talk(await open(), { lines });
  await job.result;
  const heard = texts(await told(job));
  expect(heard[0]).toMatch(/^… \d{6} bytes are left out$/);
  expect(heard.at(-2)).toBe('line 19999 of very many that nobody will ever read');
  expect(heard.length).toBeLessThan(1_500);
});

it('cuts a line that is too long', async () => {
  const heard = texts(await told(await talk(await open(), { lines: ['x'.repeat(10_000)] })));
  expect(heard.map(({ length }) => length)).toEqual([4, 4_097, 24]);
});

it('takes out the secrets that the environment names', async () => {
  const file = join(dir, 'password');
  writeFileSync(file, 'open-sesame\n');
  const env = { ...process.env, AWS_SECRET_ACCESS_KEY: 'abc/def+ghi', MILLRACE_SOURCE_PG: 'postgres://ann:s%20cret@db:5432/x', MILLRACE_SOURCE_PG_PASSWORD_FILE: file, MILLRACE_SOURCE_ROOTS: '/data' };
  const lines = ['key abc/def+ghi', 'cannot reach postgres://ann:s%20cret@db:5432/x', 'with s cret', 'said open-sesame', 'read /data/x.csv', 'amqp://bob:hush@mq/', 'Authorization: Bearer eyJhbGciOi.J9'];
  const heard = texts(await told(await talk(await open(env), { lines })));
  expect(heard.slice(1, 8)).toEqual(['key …', 'cannot reach postgres://ann:…@db:5432/x', 'with …', 'said …', 'read /data/x.csv', 'amqp://bob:…@mq/', 'Authorization: Bearer …']);
  expect(redactionOf({})('nothing to hide: a@b and http://x/?a=b@c')).toBe('nothing to hide: a@b and http://x/?a=b@c');
});
