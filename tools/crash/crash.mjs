import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSlice } from '../faults/flights-slice.mjs';
import { seeded } from '../faults/random.mjs';
import { tellStory } from '../faults/told-story.mjs';
import { Home } from './home.mjs';
import { readOptions } from './options.mjs';
import { closingTable, roundLine, storyLine } from './report.mjs';
import { playRound } from './round.mjs';

/**
 * `npm run crash`: tells the flights' story in small, kills the process of all services again and again, and holds what is left against what was acknowledged.
 * A look of half a minute: `npm run crash -- --rounds 3`. What an option means: options.mjs. Exit code 0: nothing was lost, doubled or torn.
 */
async function main({ rounds: wanted, seed, only, plant, json, signal }) {
  const say = (text) => process.stdout.write(`${text}\n`);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
  const random = seeded(seed);
  const hits = new Map();
  const rounds = [];
  const stories = [];
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interruption.abort());
  const began = performance.now();
  say(`seed ${seed}, ${wanted} rounds of SIG${signal}${only ? `, kills in ${only} alone` : ''}${plant ? `, with a planted bug: ${plant}` : ''}`);
  const slice = await makeSlice(directory);
  while (rounds.length < wanted && stories.every(({ faults }) => faults.length === 0)) {
    const number = stories.length + 1;
    const onRound = (round) => {
      rounds.push({ round: rounds.length + 1, story: number, seed, ...round });
      say(roundLine(rounds.at(-1)));
    };
    const from = performance.now();
    const before = rounds.length;
    const place = join(directory, `story-${number}`);
    const home = new Home({ directory: place, roots: directory, plant });
    const play = (telling) => playRound({ ...telling, random, hits, only, signal });
    const story = await tellStory({ directory: place, home, slice, interruption: interruption.signal, more: () => rounds.length < wanted, play, onRound });
    stories.push({ story: number, kills: rounds.length - before, seconds: (performance.now() - from) / 1_000, ...story, facts: undefined });
    say(storyLine(stories.at(-1)));
    if (story.faults.length === 0) rmSync(place, { recursive: true, force: true });
  }
  const faults = stories.flatMap((story) => story.faults);
  say(closingTable({ rounds, stories, hits, seed, seconds: (performance.now() - began) / 1_000 }));
  if (json) writeFileSync(json, `${JSON.stringify({ seed, signal, plant, rounds, stories }, undefined, 2)}\n`);
  if (faults.length === 0 || interruption.signal.aborted) rmSync(directory, { recursive: true, force: true });
  else say(`What was left lies in ${directory}`);
  return faults.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
