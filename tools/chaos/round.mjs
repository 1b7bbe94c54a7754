import { setTimeout as sleep } from 'node:timers/promises';
import { Findings } from '../faults/checker.mjs';
import { drawMoment } from '../faults/moment.mjs';
import { UNLOGGED_MS } from '../faults/rules-acknowledged.mjs';

/** What a fault waits for: there are no files here that all writes go to. */
const KINDS = ['time', 'phase', 'phase'];
/** Readiness is back after a fault within this time, unless the row says otherwise. */
const RECOVER_MS = 30_000;
/** After a fault has ended a call is answered within this time. */
const ANSWER_MS = 30_000;

/**
 * One round of a row: its moment comes, it strikes, it ends; the services come back by themselves, and what is there is held against what was acknowledged.
 * Gives undefined when the story ended before the moment came.
 */
export async function playRound({ row, world, link, phases, acks, random, hits, storyEnd }) {
  const moment = drawMoment(random, { hits, phases, only: row.phase, kinds: KINDS });
  const over = storyEnd.then(() => true);
  if (await Promise.race([moment.come(world.directory).then(() => false), over])) return undefined;
  const during = phases.now();
  for (const phase of during) hits.set(phase, (hits.get(phase) ?? 0) + 1);
  const own = new Findings();
  const began = performance.now();
  const before = { repeated: link.repeated, overdue: link.overdue.length };
  const strike = await row.strike({ world, random, link, findings: own });
  const judged = strike.killedAt === undefined ? undefined : await world.inspect({ acks, killedAt: strike.killedAt });
  await strike.end?.();
  const ended = performance.now();
  const recover = await recovered({ row, world, findings: own });
  if (!row.overlaps) await Promise.race([answered(link, own), over]);
  await strike.afterwards?.();
  const { findings, lost } = judged ?? (await world.inspect({ acks, ...(strike.shedFrom === undefined ? { lives: true } : { unloggedMs: performance.now() - strike.shedFrom + UNLOGGED_MS }) }));
  for (const late of link.overdue.slice(before.overdue)) own.that(false, 'deadlines hold', late);
  own.checks += link.answered;
  return {
    phase: during.join('+') || 'between',
    told: strike.told,
    lasted: (ended - began) / 1_000,
    recover,
    checks: findings.checks + own.checks,
    faults: [...findings.told(), ...own.told()],
    unlogged: lost.length,
    repeated: link.repeated - before.repeated,
  };
}

/** Seconds until all is ready again; nobody but the row has restarted anything. A row whose restarts overlap with its next strikes tells of those that are over. */
async function recovered({ row, world, findings }) {
  const ms = row.recoverMs ?? RECOVER_MS;
  for (const name of world.dead) findings.that(false, 'services stay up', `${name} has ended, see ${world.logs}`);
  if (row.overlaps) {
    const restarts = await world.restarted();
    for (const { name, seconds, error } of restarts) findings.that(error === undefined && seconds * 1_000 < ms, 'recovers by itself', `${name} after ${seconds.toFixed(1)} s: ${error?.message ?? 'too late'}`);
    return Math.max(0, ...restarts.map(({ seconds }) => seconds));
  }
  try {
    const seconds = await world.untilReady(ms);
    findings.that(true, 'recovers by itself', '');
    return seconds;
  } catch (error) {
    findings.that(false, 'recovers by itself', error.message);
    return ms / 1_000;
  }
}

async function answered(link, findings) {
  const before = link.answered;
  for (const until = performance.now() + ANSWER_MS; link.answered === before && performance.now() < until; ) await sleep(20);
  findings.that(link.answered > before, 'calls are answered again', `no call was answered within ${ANSWER_MS / 1_000} s`);
}
