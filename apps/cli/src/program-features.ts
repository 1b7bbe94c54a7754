import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what shows, fills, checks and deletes features. */
export function addFeatureCommands(program: Command, acts: Acts): void {
  const feature = program.command('feature').alias('features').description('feature views: what there is, who uses it, how new it is');
  feature
    .command('list')
    .description('feature views by name, with how new their online values are')
    .option('--owner <owner>', 'only those of this owner')
    .option('--tag <tag>', 'only those with this tag: KEY or KEY:VALUE')
    .option('--entity <name>', 'only those of this entity')
    .option('--text <text>', 'only those with this in name or description')
    .option('--limit <n>', 'at most so many', '100')
    .action(acts(async () => (await import('./commands/feature-list.js')).listFeatures));
  feature.command('show <name>').description('what a view is made of, and which services and endpoints use it').action(acts(async () => (await import('./commands/feature-show.js')).showFeature));
  feature
    .command('versions <name>')
    .description('what a view was, newest first, each with what it changed')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/feature-versions.js')).listFeatureVersions));
  feature.command('diff <name> <base> <other>').description('what changed between two versions of a view').action(acts(async () => (await import('./commands/feature-versions.js')).diffFeatureVersions));
  asking(feature.command('get <service>').description('the features of one key as the online store has them, with what each value is worth')).action(acts(async () => (await import('./commands/feature-get.js')).getFeatures));
  asking(feature.command('explain <service>').description('the features of one key from history, with how many rows each was made of; of one feature, the rows'))
    .option('--feature <feature>', 'the rows that this one was made of')
    .option('--limit <n>', 'at most so many rows', '20')
    .action(acts(async () => (await import('./commands/feature-get.js')).explainFeatures));
  feature
    .command('check <endpoint>')
    .description('compute the features of logged predictions once more from history, and compare them to the bit')
    .option('--sample <n>', 'the newest so many predictions', '10000')
    .action(acts(async () => (await import('./commands/feature-check.js')).checkFeature));
  feature.command('delete <name>').description('delete a view, or entities/NAME or featureServices/NAME; what is used is not').action(acts(async () => (await import('./commands/feature-delete.js')).deleteFeature));
  program
    .command('materialize [views...]')
    .description('fill the online values of feature views from their dataset, and make them again when they were lost')
    .option('--all', 'every view')
    .option('--version <n>', 'from this version of the dataset (default: the latest)')
    .option('--known-before <time>', 'only from rows that were known before this time (default: all)')
    .action(acts(async () => (await import('./commands/materialize.js')).materialize));
}

const asking = (command: Command): Command =>
  command.requiredOption('--row <json>', 'the key columns, and what views on demand read of a request, as a JSON object').option('--time <time>', 'as of when (default: now)');
