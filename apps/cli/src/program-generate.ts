import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what writes code for those who call. */
export function addGenerateCommands(program: Command, acts: Acts): void {
  program
    .command('generate')
    .description('code for those who call')
    .command('client <model>')
    .description('a typed predict() in TypeScript on standard output, from the signature of NAME, NAME/versions/N or NAME@ALIAS')
    .option('--endpoint <name>', 'the endpoint to ask; only needed where several serve the model')
    .option('--out <file>', 'write it into this file instead')
    .action(acts(async () => (await import('./commands/generate-client.js')).generateClient));
}
