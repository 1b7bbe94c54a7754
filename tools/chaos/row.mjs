import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestsOf, otherDigests } from '../faults/digests.mjs';
import { tellStory } from '../faults/told-story.mjs';
import { roundLine, storyLine } from './report.mjs';
import { playRound } from './round.mjs';
import { withServers } from './servers.mjs';
import { World } from './world.mjs';

/** Plays one row: stories on servers of its own, one after another, until it has had its rounds or a rule does not hold. `reference` keeps the digests of the first story of all. */
export async function playRow({ name, row, rounds: wanted, directory, slice, random, instances, plant, interruption, reference, say }) {
  const rounds = [];
  const stories = [];
  const hits = new Map();
  await withServers({ directory: join(directory, 'servers'), ...row.needs }, async (servers) => {
    while (rounds.length < wanted && stories.every(({ faults }) => faults.length === 0) && !interruption.aborted) {
      const story = stories.length + 1;
      const place = join(directory, `story-${story}`);
      const world = new World({ directory: place, roots: dirname(slice.file), servers, place: await servers.place(`story${story}`), instances: instances ?? row.needs?.instances ?? 1, env: row.env, disks: row.disks, plant });
      const onRound = (round) => {
        rounds.push({ row: name, round: rounds.length + 1, story, ...round });
        say(roundLine(rounds.at(-1)));
      };
      const [from, before] = [performance.now(), rounds.length];
      const play = (telling) => playRound({ ...telling, row, world, random, hits });
      const { facts, ...outcome } = await tellStory({ directory: place, home: world, slice, interruption, more: () => rounds.length < wanted && rounds.length - before < (row.roundsPerStory ?? Infinity), play, onRound });
      // The last starts of a story are told after its last round.
      const failed = (await world.restarted({ all: true })).filter(({ error }) => error !== undefined).map(({ name: part, error }) => `recovers by itself: ${part}: ${error.message}`);
      const digests = facts && digestsOf(facts);
      if (digests) reference.first ??= digests;
      const faults = [...outcome.faults, ...failed, ...(digests ? otherDigests(reference.first, digests) : [])];
      stories.push({ row: name, story, rounds: rounds.length - before, seconds: (performance.now() - from) / 1_000, digests, ...outcome, faults });
      say(storyLine(stories.at(-1)));
      if (faults.length === 0) rmSync(place, { recursive: true, force: true });
    }
  });
  return { rounds, stories };
}
