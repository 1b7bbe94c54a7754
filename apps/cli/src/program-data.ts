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
  reading(dataset.command('ingest <name> [path]').description('read a file, a folder, a table, a topic or pushed rows into a new version'))
    .option('--from <time>', 'only rows at or after this time')
    .option('--to <time>', 'only rows before this time')
    .option('--time-column <column>', 'the column that --from and --to are about')
    .option('--replace', 'the new version holds the new rows only; else it appends')
    .option('--backfill', 'the parts from --from to --to are made anew, and all others stay')
    .option('--partition <by:column>', 'cut by time: day:COLUMN or month:COLUMN')
    .option('--new-files-only', 'leave out files that were read before and are as they were')
    .option('--pushed', 'the rows that were pushed and wait')
    .option('--no-wait', 'only start it')
    .action(acts(async () => (await import('./commands/dataset-ingest.js')).ingest));
  dataset
    .command('rollup <name>')
    .description('make a dataset of a finer one: a row for each group in each window of its event time')
    .requiredOption('--of <dataset>', 'the finer dataset')
    .option('--version <n>', 'which version of it (default: the latest)')
    .option('--by <column...>', 'columns whose values make the groups')
    .requiredOption('--every <length>', 'length of a window, such as 1h or 7d')
    .requiredOption('--column <figure...>', 'NAME=FOLD:COLUMN, such as mean_delay=mean:delay, flights=count, p95=quantile:delay:0.95')
    .option('--no-wait', 'only start it')
    .action(acts(async () => (await import('./commands/dataset-rollup.js')).rollUp));
  const infer = program.command('contract').description('data contracts').command('infer [path]').description('draft a contract from a source, as it stands in a pipeline file');
  places(infer).action(acts(async () => (await import('./commands/contract-infer.js')).inferContract));
  reading(dataset.command('inspect [path]').description('read a source without writing, and say what is in it')).action(acts(async () => (await import('./commands/dataset-inspect.js')).inspect));
}

const SET_ASIDE = [
  ['quarantine', 'rows that were set aside, with their reasons', async () => (await import('./commands/dataset-set-aside.js')).listQuarantine],
  ['duplicates', 'rows that were dropped, each with the row that stays', async () => (await import('./commands/dataset-set-aside.js')).listDuplicates],
  ['ledger', 'cells that were mended, emptied or could not be read, with what stood there and why', async () => (await import('./commands/dataset-set-aside.js')).listLedger],
] as const;

const reading = (command: Command): Command =>
  places(command)
    .option('--event-time <column>', 'the TIMESTAMP column that says when a row was true')
    .option('--key <column...>', 'columns that tell rows apart (default: all)');

/** Where rows come from, beside a path. Connections are names of variables where the service runs: no secret stands on a command line. */
const places = (command: Command): Command =>
  command
    .option('--format <format>', 'csv, jsonl, json or parquet (default: by the extension)')
    .option('--postgres <connection>', 'the variable of the service that holds the URL of a database')
    .option('--table <table>', 'of that database, such as public.trips')
    .option('--query <sql>', 'in the place of a table')
    .option('--incremental <column>', 'only rows that have at least the largest value that the version has')
    .option('--kafka <connection>', 'the variable of the service that holds the URL of brokers')
    .option('--topic <topic>', 'of these brokers')
    .option('--event-id <column>', 'the column that gets the id of the event')
    .option('--skip-removed', 'go on without messages that were removed before they were read')
    .option('--descriptor <file>', 'a FileDescriptorSet, for messages in protobuf')
    .option('--message <type>', 'the message in it, such as shop.v1.Order');
