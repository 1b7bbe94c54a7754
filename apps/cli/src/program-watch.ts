import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what shows drift, performance and alerts. */
export function addWatchCommands(program: Command, acts: Acts): void {
  const alerts = program.command('alerts').description('what people should know');
  alerts
    .command('list')
    .description('newest first')
    .option('--state <state>', 'only those in this state: OPEN, ACKNOWLEDGED or RESOLVED')
    .option('--endpoint <name>', 'only those of this endpoint')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/alerts.js')).listAlerts));
  alerts.command('ack <alert>').description('say that somebody looks after it').action(acts(async () => (await import('./commands/alerts.js')).acknowledge));
  alerts.command('resolve <alert>').description('say that it is settled').action(acts(async () => (await import('./commands/alerts.js')).resolve));
  program
    .command('reports <monitor>')
    .description('drift and performance, window by window')
    .option('--limit <n>', 'the newest so many windows', '26')
    .action(acts(async () => (await import('./commands/reports.js')).reports));
}
