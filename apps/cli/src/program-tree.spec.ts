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

describe('the tree of commands', () => {
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
