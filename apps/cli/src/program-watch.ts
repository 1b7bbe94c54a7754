import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what shows drift, performance, alerts and events that nobody could handle. */
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
  const letters = program.command('events').description('what services tell each other').command('dlq').description('dead letters: events that a group of consumers could not handle');
  which(letters.command('list').description('newest first'))
    .option('--state <state>', 'only those in this state: WAITING or RETRIED')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/dead-letters.js')).listDeadLetters));
  letters.command('show <letter>').description('cause, headers and payload').action(acts(async () => (await import('./commands/dead-letters.js')).showDeadLetter));
  which(letters.command('retry [letter]').description('hand one to the group that failed once more, and to no other'))
    .option('--all', 'every one that waits')
    .action(acts(async () => (await import('./commands/dead-letters.js')).retryDeadLetters));
}

const which = (command: Command): Command =>
  command.option('--topic <topic>', 'only those of this topic').option('--group <group>', 'only those of this group of consumers').option('--type <type>', 'only events of this type, such as millrace.registry.v1.ModelAliasMoved');
