import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what shows drift, performance, alerts and events that nobody could handle. */
export function addWatchCommands(program: Command, acts: Acts): void {
  const alert = program.command('alert').alias('alerts').description('what people should know');
  alert
    .command('list')
    .description('newest first')
    .option('--state <state>', 'only those in this state: OPEN, ACKNOWLEDGED or RESOLVED')
    .option('--endpoint <name>', 'only those of this endpoint')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/alerts.js')).listAlerts));
  alert.command('show <alert>').description('with the figures that decided').action(acts(async () => (await import('./commands/alerts.js')).showAlert));
  alert.command('acknowledge <alert>').alias('ack').description('say that somebody looks after it').action(acts(async () => (await import('./commands/alerts.js')).acknowledge));
  alert
    .command('mute <alert>')
    .description('tell nobody of it for a while; its windows are judged')
    .option('--for <span>', 'so long: such as 12h or 7d', '7d')
    .option('--end', 'tell of it again')
    .action(acts(async () => (await import('./commands/alerts.js')).mute));
  alert
    .command('watch')
    .description('tell them as they are raised or changed, until it is interrupted; with --json a document in each line')
    .option('--endpoint <name>', 'only those of this endpoint')
    .option('--since <time>', 'first those that changed since then')
    .action(acts(async () => (await import('./commands/alert-watch.js')).watchAlerts));
  alert.command('resolve <alert>').description('say that it is settled').action(acts(async () => (await import('./commands/alerts.js')).resolve));
  const monitor = program.command('monitor').description('what watches endpoints, and what it saw');
  monitor.command('list').description('by name').action(acts(async () => (await import('./commands/monitors.js')).listMonitors));
  monitor.command('show <monitor>').description('the rules by which it judges its windows').action(acts(async () => (await import('./commands/monitors.js')).showMonitor));
  for (const reports of [monitor.command('reports <monitor>'), program.command('reports <monitor>', { hidden: true })]) {
    reports
      .description('drift and performance, window by window')
      .option('--limit <n>', 'the newest so many windows', '26')
      .action(acts(async () => (await import('./commands/reports.js')).reports));
  }
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
