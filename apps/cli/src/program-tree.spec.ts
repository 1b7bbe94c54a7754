import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Acts } from './acts.js';
import { EXAMPLES } from './examples.js';
import { makeProgram } from './program-tree.js';
import { fakeTerminal } from './terminal.fixture.js';

/** The commands that do something, older spellings too, by how they are called. */
function leaves(command: Command, path: readonly string[] = []): readonly { readonly path: string; readonly command: Command }[] {
  const own = path.length > 0 && (command.commands.length === 0 || command.registeredArguments.length > 0) ? [{ path: path.join(' '), command }] : [];
  return [...own, ...command.commands.flatMap((each) => leaves(each, [...path, each.name()]))];
}

/** The words of a command line as a shell makes them of it, up to where its output goes. */
const wordsOf = (line: string): readonly string[] => [...(line.split(' > ')[0] ?? '').matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);

function programOf() {
  const { terminal, written } = fakeTerminal({});
  const given: Command[] = [];
  const acts: Acts = () => async (...parts) => void given.push(parts.at(-1) as Command);
  return { program: makeProgram(terminal, acts), written, given };
}

const LEAVES = leaves(programOf().program);
const pathOf = (command: Command): string => (command.parent?.parent ? `${pathOf(command.parent)} ` : '') + command.name();

/** Commands whose document is not pinned by the story of apps/e2e, and why. */
const UNPINNED: Readonly<Record<string, string>> = {
  up: 'the story starts with its document',
  demo: 'it prints a table',
  completion: 'it prints a script',
  schema: 'it is a JSON Schema',
  'generate client': 'it prints TypeScript',
  pause: 'pipeline pause',
  resume: 'pipeline resume',
  'run cancel': 'a run, as run show',
  'alert show': 'an alert of the contracts; the story raises none',
  'alert acknowledge': 'an alert of the contracts',
  'alert mute': 'an alert of the contracts',
  'alert resolve': 'an alert of the contracts',
  'alert watch': 'an alert of the contracts in each line',
  'feature check': 'on-demand-story.spec.ts',
  'feature get': 'a vector of the contracts, as the specs of the feature store have it',
  'feature explain': 'the rows that a value was made of, as the specs of the feature store have them',
  'feature diff': 'program-features.spec.ts',
  'feature delete': 'program-features.spec.ts',
  'model rollback': 'an alias, as model alias',
  'events dlq show': 'dead-letters.suite.ts',
  'events dlq retry': 'dead-letters.suite.ts',
  export: 'archive-story.spec.ts',
  import: 'archive-story.spec.ts',
};

describe('the tree of commands', () => {
  it('has a pinned document for each command, or says why not', () => {
    const pinned = Object.keys(JSON.parse(readFileSync(new URL('../json-documents.json', import.meta.url), 'utf8')) as object);
    expect([...pinned, ...Object.keys(UNPINNED)].toSorted()).toEqual(Object.keys(EXAMPLES).toSorted());
  });

  it('has an example in the help of each command', () => {
    expect(LEAVES.length).toBeGreaterThan(55);
    for (const { path, command } of LEAVES) {
      let help = '';
      command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
      expect(help, path).toMatch(/\nExample:\n {2}millrace \S/);
    }
  });

  it.each(Object.entries(EXAMPLES))('the example of `%s` is a line of that very command', async (path, example) => {
    const { program, given, written } = programOf();
    const [name, ...words] = wordsOf(example);
    await program.parseAsync([...words], { from: 'user' });
    expect({ name, paths: given.map(pathOf), err: written.err }).toEqual({ name: 'millrace', paths: [path], err: '' });
  });

  it('each noun can be listed and shown', () => {
    const paths = LEAVES.map(({ path }) => path);
    for (const noun of ['dataset', 'feature', 'run', 'model', 'endpoint', 'alert', 'monitor', 'pipeline', 'events dlq']) expect(paths).toEqual(expect.arrayContaining([`${noun} list`, `${noun} show`]));
  });

  it('older spellings are known and not shown', () => {
    const { program } = programOf();
    const help = program.helpInformation();
    for (const older of ['runs', 'reports']) {
      expect(LEAVES.some(({ path }) => path.split(' ')[0] === older), older).toBe(true);
      expect(help).not.toMatch(new RegExp(`^ {2}${older} `, 'm'));
    }
  });
});
