import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Acknowledgements } from './acknowledgements.mjs';
import { onItsWay } from './judge.mjs';
import { Link } from './link.mjs';
import { readOnlineCounts } from './online-counts.mjs';
import { Phases } from './phases.mjs';
import { Story } from './story.mjs';

/** How often the services may be started once more to finish what they still have to do. */
const REST_STARTS = 2;
const REST_MS = 2_000;

/**
 * Tells one story from its first call to its last in a home, with a round of harm as often as `more` says so, and judges what is left when it is over.
 * A home has start(onListening), stop() with its exit code, inspect(how) as `judge` gives it, and end(), after which no process of it is left.
 * `play` does a round: see tools/crash/round.mjs and tools/chaos/round.mjs.
 */
export async function tellStory({ directory, home, slice, interruption, more, play, onRound }) {
  mkdirSync(directory, { recursive: true });
  const link = new Link();
  const acks = new Acknowledgements(join(directory, 'acknowledged.jsonl'));
  const phases = new Phases();
  const onInterruption = () => link.close(new Error('it was interrupted'));
  interruption.addEventListener('abort', onInterruption);
  const result = (outcome) => ({ ...outcome, ...countsOf(acks, link) });
  try {
    await home.start((addresses) => link.up(addresses));
    const telling = new Story({ link, acks, phases, slice }).run();
    const storyEnd = telling.then(() => undefined, () => undefined);
    try {
      while (more()) {
        const round = await play({ home, link, phases, acks, storyEnd });
        if (!round) break;
        onRound(round);
        if (round.faults.length > 0) return result({ faults: round.faults, told: true });
      }
      await telling;
    } catch (error) {
      return result({ faults: [`the story broke off: ${error.message}`] });
    }
    const online = await readOnlineCounts(link, { flights: slice.flights, pushes: acks.pushes });
    const { findings, facts, starts } = await rest({ home, link, acks, online });
    for (const late of link.overdue) findings.that(false, 'deadlines hold', late);
    findings.checks += link.answered;
    return result({ faults: findings.told(), checks: findings.checks, starts, facts });
  } finally {
    interruption.removeEventListener('abort', onInterruption);
    link.close(new Error('it was ended'));
    await home.stop();
    await home.end();
    acks.close();
  }
}

/** Ends the services in order and judges what they leave; work that is merely on its way gets the time of another start, and `starts` tells how many. */
async function rest({ home, link, acks, online }) {
  for (let starts = 0; ; starts++) {
    link.down();
    const code = await home.stop();
    const { findings, facts } = await home.inspect({ acks, killedAt: Infinity, ended: true, online });
    findings.that(code === 0, 'ends in order', `exit code ${code}`);
    if (findings.faults.length === 0 || onItsWay(facts) === 0 || starts === REST_STARTS) return { findings, facts, starts };
    await home.start((addresses) => link.up(addresses));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}

const countsOf = (acks, link) => ({ acknowledged: acks.size, answered: acks.answered.size, unlogged: acks.lost.size, labels: acks.labels.size, pushes: acks.pushes.size, repeated: link.repeated, refusals: Object.fromEntries(link.refusals) });
