import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tellStory } from '../faults/told-story.mjs';
import { roundLine, storyLine } from './report.mjs';
import { playRound } from './round.mjs';
import { withServers } from './servers.mjs';
import { World } from './world.mjs';

/** Plays one row: stories on servers of its own, one after another, until it has had its rounds or a rule does not hold. */
export async function playRow({ name, row, rounds: wanted, directory, slice, random, instances, plant, interruption, say }) {
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
      const { facts, ...outcome } = await tellStory({ directory: place, home: world, slice, interruption, more: () => rounds.length < wanted, play, onRound });
      stories.push({ row: name, story, rounds: rounds.length - before, seconds: (performance.now() - from) / 1_000, digests: facts && digestsOf(facts), ...outcome });
      say(storyLine(stories.at(-1)));
      if (outcome.faults.length === 0) rmSync(place, { recursive: true, force: true });
    }
  });
  return { rounds, stories };
}

/** What comes out the same, whatever happened on the way: each version of the data, and the first model. */
function digestsOf({ versions, modelVersions }) {
  return { versions: versions.map(({ name, digest }) => `${name} ${digest}`).sort(), model: modelVersions.find(({ name }) => name.endsWith('/versions/1'))?.artifact?.digest };
}
