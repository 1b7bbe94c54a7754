import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what moves everything from one home to another. */
export function addArchiveCommands(program: Command, acts: Acts): void {
  program
    .command('export')
    .description('write everything that this home keeps to a folder; refused while work goes on')
    .requiredOption('--to <folder>', 'a folder that is not there yet')
    .action(acts(async () => (await import('./commands/export.js')).exportHome));
  program
    .command('import')
    .description('take an exported folder into a home that keeps nothing; what is there already is not taken twice')
    .requiredOption('--from <folder>', 'what `millrace export` wrote')
    .option('--verify', 'only say whether this home keeps just what the folder holds')
    .action(acts(async () => (await import('./commands/import.js')).importHome));
}
