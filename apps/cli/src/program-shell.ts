import { Argument, type Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what helps a shell. */
export function addShellCommands(program: Command, acts: Acts): void {
  program
    .command('completion')
    .description('the script by which a shell completes command lines, names of this home too')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(acts(async () => (await import('./commands/completion.js')).completion));
}
