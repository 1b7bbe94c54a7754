import type { Command } from 'commander';
import type { Acts } from './acts.js';

/** Adds what reads and shows datasets. */
export function addDataCommands(program: Command, acts: Acts): void {
  const dataset = program.command('dataset').description('datasets and their versions');
  dataset.command('list').description('by name').action(acts(async () => (await import('./commands/dataset-list.js')).listDatasets));
  dataset
    .command('show <name>')
    .description('schema, counts, profile and expectations of one version')
    .option('--version <n>', 'which version (default: the latest)')
    .option('--column <column>', 'all about one column, with its histogram in full')
    .action(acts(async () => (await import('./commands/dataset-show.js')).showDataset));
  dataset
    .command('diff <name> <base> <other>')
    .description('what moved from one version to another: schema, rows and distributions')
    .action(acts(async () => (await import('./commands/dataset-diff.js')).diffVersions));
  dataset
    .command('versions <name>')
    .description('newest first')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/dataset-list.js')).listVersions));
  for (const [command, description, load] of SET_ASIDE) {
    dataset
      .command(`${command} <name>`)
      .description(description)
      .option('--version <n>', 'of which version (default: the latest)')
      .option('--limit <n>', 'at most so many', '20')
      .action(acts(load));
  }
  reading(dataset.command('ingest <name> <path>').description('read a file or a folder into a new version'))
    .option('--from <time>', 'only rows at or after this time')
    .option('--to <time>', 'only rows before this time')
    .option('--time-column <column>', 'the column that --from and --to are about')
    .option('--replace', 'the new version holds the new rows only; else it appends')
    .option('--no-wait', 'only start it')
    .action(acts(async () => (await import('./commands/dataset-ingest.js')).ingest));
  program
    .command('contract')
    .description('data contracts')
    .command('infer <path>')
    .description('draft a contract from a file or a folder, as it stands in a pipeline file')
    .option('--format <format>', 'csv, jsonl, json or parquet (default: by the extension)')
    .action(acts(async () => (await import('./commands/contract-infer.js')).inferContract));
  reading(dataset.command('inspect <path>').description('read a file or a folder without writing, and say what is in it')).action(acts(async () => (await import('./commands/dataset-inspect.js')).inspect));
}

const SET_ASIDE = [
  ['quarantine', 'rows that were set aside, with their reasons', async () => (await import('./commands/dataset-set-aside.js')).listQuarantine],
  ['duplicates', 'rows that were dropped, each with the row that stays', async () => (await import('./commands/dataset-set-aside.js')).listDuplicates],
  ['ledger', 'cells that were mended, emptied or could not be read, with what stood there and why', async () => (await import('./commands/dataset-set-aside.js')).listLedger],
] as const;

const reading = (command: Command): Command =>
  command
    .option('--format <format>', 'csv, jsonl, json or parquet (default: by the extension)')
    .option('--event-time <column>', 'the TIMESTAMP column that says when a row was true')
    .option('--key <column...>', 'columns that tell rows apart (default: all)');
