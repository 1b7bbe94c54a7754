import { type Command, Option } from 'commander';
import type { Acts } from './acts.js';

/** Adds what starts, applies, runs and shows pipelines. */
export function addPipelineCommands(program: Command, acts: Acts): void {
  program
    .command('up')
    .description('start every service in one process on this machine; Ctrl-C ends it')
    .option('--data-dir <dir>', 'directory of all that is kept (MILLRACE_DATA_DIR; default .millrace)')
    .option('--http-port <port>', 'port of REST, metrics and health; 0 means any free one (MILLRACE_HTTP_PORT; default 4300)')
    .option('--grpc-port <port>', 'port of gRPC; 0 means any free one (MILLRACE_GRPC_PORT; default 4301)')
    .option('--source-root <dir...>', 'folders below which data may be read (MILLRACE_SOURCE_ROOTS; default: here)')
    .action(acts(async () => (await import('./commands/up.js')).up));
  program
    .command('init')
    .description('look into a file of rows and write a pipeline file for it; asks what the options leave open')
    .option('--csv <file>', 'the rows: CSV, JSON lines or Parquet')
    .option('--name <name>', 'of the pipeline (default: that of the file)')
    .option('--target <column>', 'what is predicted')
    .option('--above <number>', 'of a target of numbers: yes is above it (default: the median)')
    .option('--value <text>', 'of a target of texts: the one that is yes')
    .option('--time <column>', 'when a row was true, where several columns hold times')
    .option('--out <file>', 'where to write', 'millrace.yaml')
    .option('--yes', 'take what is proposed, and ask nothing')
    .option('--force', 'write over a file that is there')
    .action(acts(async () => (await import('./commands/init.js')).init));
  program
    .command('apply <file>')
    .description('check a pipeline file and make a version of it; an unchanged file changes nothing')
    .option('--plan', 'only show what would change, place by place')
    .option('--dry-run', 'only say what would change')
    .option('--base-path <dir>', "folder that the file's relative paths are read from (default: the folder of the file)")
    .action(acts(async () => (await import('./commands/apply.js')).apply));
  program.command('schema').description('the JSON Schema of pipeline files, for completion in an editor').action(acts(async () => (await import('./commands/schema.js')).schema));
  const run = program
    .command('run <pipeline>')
    .description('start a run and watch it to its end; or look at runs')
    .option('--until <time>', 'time in the data that the run is about (default: the newest row)')
    .option('--fresh', 'do not read the step cache')
    .option('--watch', 'watch it to its end (this is the default)')
    .option('--no-watch', 'only start it')
    .addOption(new Option('--no-wait', 'only start it').hideHelp())
    .action(acts(async () => (await import('./commands/run.js')).run));
  addRunVerbs(run, acts);
  addRunVerbs(program.command('runs', { hidden: true }).description('runs of pipelines: an older spelling of `millrace run list` and so on'), acts);
  program
    .command('logs <run>')
    .description('what happened in a run and what its steps said: states, what they made, why they failed, what their programs printed')
    .option('--step <step>', 'only of this step, such as train')
    .option('-f, --follow', 'go on until it ends')
    .action(acts(async () => (await import('./commands/logs.js')).logs));
  const pipeline = program.command('pipeline').description('pipelines and their versions');
  pipeline.command('list').description('by name').action(acts(async () => (await import('./commands/pipelines.js')).listPipelines));
  pipeline.command('show <pipeline>').description('its steps, triggers and last runs').action(acts(async () => (await import('./commands/pipelines.js')).showPipeline));
  pipeline.command('versions <pipeline>').description('newest first').option('--limit <n>', 'at most so many', '20').action(acts(async () => (await import('./commands/pipelines.js')).listPipelineVersions));
  pipeline
    .command('delete <pipeline>')
    .description('nothing starts it any more; its versions, runs and logs stay')
    .option('--force', 'cancel its runs that have not ended')
    .action(acts(async () => (await import('./commands/pipeline-delete.js')).deletePipeline));
  for (const parent of [pipeline, program]) {
    parent.command('pause <pipeline>').description('its triggers start nothing until it is resumed').action(acts(async () => (await import('./commands/pause.js')).pause));
    parent.command('resume <pipeline>').description('its triggers start runs again').action(acts(async () => (await import('./commands/pause.js')).resume));
  }
  program.command('status [pipeline]').description('how everything stands, or one pipeline').action(acts(async () => (await import('./commands/status.js')).status));
  program
    .command('lineage <name>')
    .description('all that led to a resource: a prediction id, a model version, a training set, a dataset version, a run')
    .action(acts(async () => (await import('./commands/lineage.js')).lineage));
  program
    .command('demo')
    .description('three million real flights through every service, with a closing table; with --home cluster in the cluster that runs already and that the environment names')
    .option('--keep', 'leave it running at the end')
    .action(acts(async () => (await import('./commands/demo.js')).demo));
}

function addRunVerbs(run: Command, acts: Acts): void {
  run
    .command('list')
    .description('newest first')
    .option('--pipeline <name>', 'only those of this pipeline')
    .option('--state <state>', 'only those in this state, such as RUNNING or FAILED')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/runs.js')).listRuns));
  run.command('show <run>').description('its steps and what came of it').action(acts(async () => (await import('./commands/runs.js')).showRun));
  run.command('watch <run>').description('watch it to its end').action(acts(async () => (await import('./commands/run.js')).watch));
  run.command('cancel <run>').description('stop it and the jobs that it waits for').action(acts(async () => (await import('./commands/runs.js')).cancelRun));
}
