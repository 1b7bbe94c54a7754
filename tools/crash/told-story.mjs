import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Acknowledgements } from '../faults/acknowledgements.mjs';
import { onItsWay } from '../faults/judge.mjs';
import { Link } from '../faults/link.mjs';
import { readOnlineCounts } from '../faults/online-counts.mjs';
import { Phases } from '../faults/phases.mjs';
import { endProcessesOf } from '../faults/processes.mjs';
import { Story } from '../faults/story.mjs';
import { Home } from './home.mjs';
import { inspect, playRound } from './round.mjs';

/** How often the services may be started once more to finish what they still have to do. */
const REST_STARTS = 2;
const REST_MS = 2_000;

/**
 * Tells one story from its first call to its last, with a kill as often as `more` says so, and judges what is left when it is over.
 * Every process that it started has ended when this returns.
 */
export async function tellStory({ directory, slice, random, hits, only, plant, signal, interruption, more, onRound }) {
  mkdirSync(directory, { recursive: true });
  const home = new Home({ directory, roots: join(slice.file, '..'), plant });
  const link = new Link();
  const acks = new Acknowledgements(join(directory, 'acknowledged.jsonl'));
  const phases = new Phases();
  const scratch = join(directory, 'copies');
  const onInterruption = () => link.close(new Error('it was interrupted'));
  interruption.addEventListener('abort', onInterruption);
  try {
    await home.start((addresses) => link.up(addresses));
    const story = new Story({ link, acks, phases, slice });
    const telling = story.run();
    const storyEnd = telling.then(() => undefined, () => undefined);
    try {
      while (more()) {
        const round = await playRound({ home, link, phases, acks, random, hits, only, signal, storyEnd, scratch });
        if (!round) break;
        onRound(round);
        if (round.faults.length > 0) return { faults: round.faults, told: true, ...countsOf(acks, link) };
      }
      await telling;
    } catch (error) {
      return { faults: [`the story broke off: ${error.message}`], ...countsOf(acks, link) };
    }
    const online = await readOnlineCounts(link, { flights: slice.flights, pushes: acks.pushes });
    const { findings, starts } = await rest({ home, link, acks, scratch, online });
    return { faults: findings.told(), checks: findings.checks, starts, ...countsOf(acks, link) };
  } finally {
    interruption.removeEventListener('abort', onInterruption);
    link.close(new Error('it was ended'));
    await home.stop();
    await endProcessesOf(home.dataDir);
    acks.close();
  }
}

/** Ends the services in order and judges what they leave; work that is merely on its way gets the time of another start, and `starts` tells how many. */
async function rest({ home, link, acks, scratch, online }) {
  for (let starts = 0; ; starts++) {
    link.down();
    const code = await home.stop();
    const { findings, facts } = inspect(home.dataDir, { acks, killedAt: Infinity, scratch, ended: true, online });
    if (code !== 0) findings.that(false, 'ends in order', `exit code ${code}`);
    if (findings.faults.length === 0 || onItsWay(facts) === 0 || starts === REST_STARTS) return { findings, starts };
    await home.start((addresses) => link.up(addresses));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}

const countsOf = (acks, link) => ({ acknowledged: acks.size, answered: acks.answered.size, unlogged: acks.lost.size, labels: acks.labels.size, pushes: acks.pushes.size, repeated: link.repeated });
