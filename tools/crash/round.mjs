import { setTimeout as sleep } from 'node:timers/promises';
import { drawMoment } from '../faults/moment.mjs';

/**
 * One round: the moment comes, the process dies (or, with TERM, ends in order), what it left is held against what it had acknowledged, and the next process goes on.
 * Gives undefined when the story ended before the moment came.
 */
export async function playRound({ home, link, phases, acks, random, hits, only, signal, storyEnd }) {
  const began = performance.now();
  const moment = drawMoment(random, { hits, phases, only });
  const ended = await Promise.race([moment.come(home.dataDir).then(() => false), storyEnd.then(() => true)]);
  if (ended) return undefined;
  const came = performance.now();
  const during = phases.now();
  const killedAt = signal === 'KILL' ? await cutOff(home, link) : await endInOrder(home, link);
  // What the dead process had sent lies in our sockets: let it be heard first.
  await sleep(0);
  for (const phase of during) hits.set(phase, (hits.get(phase) ?? 0) + 1);
  const dead = performance.now();
  const { findings, lost, facts } = await home.inspect({ acks, killedAt });
  const checked = performance.now();
  const restart = await home.start((addresses) => link.up(addresses));
  return {
    phase: during.join('+') || 'between',
    how: moment.told,
    afterMs: Math.round(came - began),
    restart,
    check: (checked - dead) / 1_000,
    checks: findings.checks,
    faults: findings.told(),
    unlogged: lost.length,
    unloggedMs: Math.max(0, ...lost.map(({ age }) => Math.round(age))),
    again: redelivered(facts),
    jobs: facts.processes.length,
  };
}

/** From here on a call that fails is one that the kill has cut off; an answer that still comes was given before. */
async function cutOff(home, link) {
  link.down();
  const killedAt = performance.now();
  await home.kill();
  return killedAt;
}

/** Calls go on while it ends; after an end in order there is no prediction that was too young to be logged. */
async function endInOrder(home, link) {
  const code = await home.stop();
  link.down();
  if (code !== 0) throw new Error(`Asked to end in order, Millrace ended with ${code === null ? 'a kill, because it took too long' : `code ${code}`}; its log is ${home.log}.`);
  return Infinity;
}

/** Events that lie on the bus more than once: delivered again after a kill, and to be counted once all the same. */
function redelivered({ announcements }) {
  const ids = announcements.filter(({ where }) => where === 'bus').map(({ id }) => id);
  return ids.length - new Set(ids).size;
}
