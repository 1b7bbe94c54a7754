import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { effect } from './rows-events.mjs';

const STEADY_POLL_MS = 50;
const SKEW_MS = 300_000;
/** Services whose clocks go ahead; those of the others go back. */
const FORWARD = new Set(['ingestion', 'registry', 'monitor', 'pipelines']);
/** A job that finds no room fails, as it must, and no story goes on from there: these services have none. */
const WITHOUT_JOBS = ['registry', 'inference', 'monitor', 'pipelines'];
const DISK_KB = 64 * 1_024;
const PAUSE_MS = 40_000;
const WITH_LEASES = ['pipelines', 'pipelines', 'trainer', 'ingestion', 'feature-store'];

/** Rows that end processes of services. */
export const serviceRows = {
  'kill-service': {
    fault: 'kill -9 of a service at random while the story runs; it is started again at once, and the next one is not waited with',
    holds: 'nothing acknowledged lost, nothing doubled, the same digests',
    overlaps: true,
    recoverMs: 60_000,
    async strike({ world, random }) {
      for (; world.steady.length === 0; ) await sleep(STEADY_POLL_MS);
      const part = random.pick(world.steady);
      const killedAt = performance.now();
      await world.services[part.service].kill9({ only: part.id });
      return { told: `kill -9 of ${part.name}`, killedAt, end: () => world.startLater(part) };
    },
  },
  'pause-service': {
    fault: `one of two processes of a service stands still for ${PAUSE_MS / 1_000} s, longer than its leases last, and goes on`,
    holds: 'its work is taken over once; what it does when it wakes has no effect',
    needs: { instances: 2 },
    recoverMs: 60_000,
    async strike({ world, random }) {
      const { pid, name } = pickOf(random, world, random.pick(WITH_LEASES));
      process.kill(pid, 'SIGSTOP');
      await sleep(PAUSE_MS);
      process.kill(pid, 'SIGCONT');
      return { told: `${name} stood still` };
    },
  },
  'rolling-restart': {
    fault: 'every process is ended in order and started again, one after another, under load',
    holds: 'no call fails for a client that repeats UNAVAILABLE, nothing is lost',
    needs: { instances: 2 },
    recoverMs: 60_000,
    async strike({ world, link }) {
      const before = { answered: link.answered, repeated: link.repeated };
      for (const { service, id } of world.parts) await world.services[service].restart({ only: id });
      return { told: `${world.parts.length} processes restarted, ${link.answered - before.answered} calls answered, ${link.repeated - before.repeated} of them at another try` };
    },
  },
  'clock-skew': {
    fault: `the wall clock of one service jumps ${SKEW_MS / 60_000} minutes ahead or back, and returns`,
    holds: 'no lost order, no trigger fires twice, no lease is held by two',
    needs: { instances: 2 },
    env: (name) => effect('clock-skew', FORWARD.has(name) ? SKEW_MS : -SKEW_MS),
    async strike({ world, random }) {
      const { service, name, pid } = random.pick(world.steady);
      process.kill(pid, 'SIGUSR2');
      const ms = random.between(3_000, 12_000);
      await sleep(ms);
      process.kill(pid, 'SIGUSR2');
      return { told: `${name} ${FORWARD.has(service) ? 'ahead' : 'behind'} for ${(ms / 1_000).toFixed(0)} s` };
    },
  },
  'disk-full': {
    fault: 'the disk of the registry, inference, monitor or pipelines is full for some seconds',
    holds: 'a clear error or an answer, nothing acknowledged lost; predictions that could not be logged are counted',
    disks: Object.fromEntries(WITHOUT_JOBS.map((name) => [name, DISK_KB])),
    async strike({ world, random }) {
      const service = random.pick(WITHOUT_JOBS);
      const filler = join(world.diskOf(service), 'filler');
      const from = performance.now();
      const bytes = fill(filler);
      const ms = random.between(3_000, 10_000);
      await sleep(ms);
      rmSync(filler);
      return { told: `${service}: ${(bytes / 1_024 ** 2).toFixed(0)} MB filled it for ${(ms / 1_000).toFixed(0)} s`, ...(service === 'inference' ? { shedFrom: from } : {}) };
    },
  },
};

const pickOf = (random, world, wanted) => random.pick(world.steady.filter(({ service }) => service === wanted));

/** Writes until there is no more room; gives the bytes. */
function fill(file) {
  const handle = openSync(file, 'w');
  let bytes = 0;
  try {
    for (const block of [Buffer.alloc(64 * 1_024), Buffer.alloc(512)]) {
      try {
        for (;;) bytes += writeSync(handle, block);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
    }
    return bytes;
  } finally {
    closeSync(handle);
  }
}
