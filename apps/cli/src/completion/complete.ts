import type { Command } from 'commander';
import type { Collection } from '../calls/list-names.js';
import type { Session } from '../session.js';
import { oneLine } from '../text/width.js';
import { candidatesFor } from './candidates.js';

/** Nobody waits longer for a word. */
const PATIENCE_MS = 1_000;

/** Writes a line for each word that may stand at the cursor. Names are those of the home that runs; where none answers in time there are none, for a shell can tell nobody why. */
export async function complete(session: Session, program: Command, words: readonly string[]): Promise<void> {
  const { words: found, names } = candidatesFor(program, words);
  const start = words.at(-1) ?? '';
  const known = names === undefined ? [] : await inTime(namesOf(session, names));
  const lines = [...known.filter((name) => name.startsWith(start)).map((word) => ({ word, meaning: '' })), ...found].map(({ word, meaning }) => `${word}\t${oneLine(meaning)}\n`);
  session.terminal.out.write(lines.join(''));
}

/** Loaded, with all contracts, only where names may stand. */
async function namesOf(session: Session, collection: Collection): Promise<readonly string[]> {
  const { listNames } = await import('../calls/list-names.js');
  return listNames(session, collection).catch(() => []);
}

async function inTime(names: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => (timer = setTimeout(() => resolve([]), PATIENCE_MS)));
  return Promise.race([names, late]).finally(() => clearTimeout(timer));
}
