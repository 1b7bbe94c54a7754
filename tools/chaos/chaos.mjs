import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Home } from '../crash/home.mjs';
import { digestsOf } from '../faults/digests.mjs';
import { makeSlice } from '../faults/flights-slice.mjs';
import { seeded } from '../faults/random.mjs';
import { tellStory } from '../faults/told-story.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { toxiproxy } from '../servers/toxiproxy.mjs';
import { closingLine } from '../test/tally.mjs';
import { readOptions } from './options.mjs';
import { closingTable } from './report.mjs';
import { playRow } from './row.mjs';
import { mixedRow, ROWS } from './rows.mjs';

/**
 * `npm run chaos`: tells the flights' story in small on real servers, every service a process of its own, while parts of the cluster die, stall and lie, and holds
 * what is left against what was acknowledged. What an option means: options.mjs. Exit code 0: every rule of every row held.
 */
async function main({ only, short, undisturbed, rounds, seed, instances, json, plant }) {
  const say = (text) => process.stdout.write(`${text}\n`);
  const missing = [...Object.values(KINDS), toxiproxy].map((kind) => kind.missing()).filter((why) => why !== undefined);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const directory = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interruption.abort());
  const began = performance.now();
  const rows = short ? { mixed: mixedRow() } : Object.fromEntries(only.map((name) => [name, ROWS[name]]));
  say(`seed ${seed}, ${short ? '' : `${rounds} rounds of `}${Object.keys(rows).join(', ')}${plant ? `, with a planted bug: ${plant}` : ''}`);
  const slice = await makeSlice(directory);
  const reference = { first: undisturbed ? await tellUndisturbed({ directory: join(directory, 'undisturbed'), slice, interruption: interruption.signal, say }) : undefined };
  const results = [];
  for (const [name, row] of Object.entries(rows)) {
    if (interruption.signal.aborted) break;
    // A row makes the same choices whether others come before it or not.
    const random = seeded(seed + Object.keys(ROWS).indexOf(name));
    results.push({ row: name, ...(await playRow({ name, row, rounds: row.rounds ?? rounds, directory: join(directory, name), slice, random, instances, plant, interruption: interruption.signal, reference, say })) });
  }
  say(closingTable({ results, seed, seconds: (performance.now() - began) / 1_000 }));
  const faults = results.flatMap(({ stories }) => stories.flatMap((story) => story.faults));
  if (json) writeFileSync(json, `${JSON.stringify({ seed, plant, results }, undefined, 2)}\n`);
  if (faults.length === 0 || interruption.signal.aborted) rmSync(directory, { recursive: true, force: true });
  else say(`What was left lies in ${directory}`);
  const passed = results.reduce((sum, result) => sum + result.rounds.filter((round) => round.faults.length === 0).length, 0);
  say(closingLine({ passed, failed: faults.length, skipped: 0 }));
  return faults.length === 0 && !interruption.signal.aborted ? 0 : 1;
}

/** The same story in one process, without a fault: what comes out of it must come out of every other. */
async function tellUndisturbed({ directory, slice, interruption, say }) {
  const { facts, faults } = await tellStory({ directory, home: new Home({ directory, roots: dirname(slice.file) }), slice, interruption, more: () => false });
  if (faults.length > 0) throw new Error(`The story without a fault, in one process, has faults:\n${faults.join('\n')}`);
  const digests = digestsOf(facts);
  say(`undisturbed, in one process: ${digests.versions.length} versions of the data, first model ${digests.model}`);
  return digests;
}

/** The end comes whatever a broken story has left open: everything that it started has ended by now. */
const end = (code) => process.stdout.write('', () => process.exit(code));

try {
  end(await main(readOptions(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  end(2);
}
