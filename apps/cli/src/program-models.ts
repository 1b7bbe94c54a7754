import type { Command } from 'commander';
import type { Acts } from './acts.js';

const many = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds what shows models, moves aliases, and asks endpoints. */
export function addModelCommands(program: Command, acts: Acts): void {
  const model = program.command('model').description('models, versions and aliases');
  model.command('list').description('by name').action(acts(async () => (await import('./commands/model-list.js')).listModels));
  model
    .command('show <name>')
    .description('a model, or one version: NAME, NAME/versions/N or NAME@ALIAS')
    .action(acts(async () => (await import('./commands/model-show.js')).showModel));
  model
    .command('versions <name>')
    .description('newest first')
    .option('--limit <n>', 'at most so many', '20')
    .action(acts(async () => (await import('./commands/model-list.js')).listVersions));
  model
    .command('alias <name> <alias> <version>')
    .description('point an alias at a version')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(acts(async () => (await import('./commands/model-alias.js')).moveAlias));
  model
    .command('rollback <name> <alias>')
    .description('point an alias back to where it pointed before')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(acts(async () => (await import('./commands/model-alias.js')).rollBack));
  program
    .command('plan')
    .description('plans: what happens to columns on their way to a model')
    .command('show <what>')
    .description('steps with the columns that flow between them: of a pipeline FILE, a PIPELINE, or a model version as MODEL@ALIAS or MODEL@N, with what it has learnt')
    .option('--rung <name>', 'of a file or a pipeline: with the steps of this rung')
    .action(acts(async () => (await import('./commands/plan-show.js')).showPlan));
  const endpoint = program.command('endpoint').description('where predictions are asked for');
  endpoint.command('list').description('by name').action(acts(async () => (await import('./commands/endpoints.js')).listEndpoints));
  endpoint.command('show <endpoint>').description('what answers there, and what a request must bring').action(acts(async () => (await import('./commands/endpoints.js')).showEndpoint));
  endpoint.command('delete <endpoint>').description('it answers no more; what it predicted stays').action(acts(async () => (await import('./commands/endpoint-delete.js')).deleteEndpoint));
  program
    .command('predict <endpoint> [rows]')
    .description('ask an endpoint for predictions; ROWS is a JSON array or JSON lines in a file, and - means standard input')
    .option('--row <json>', 'one row as a JSON object by column; may be repeated', many)
    .option('--file <file>', 'another spelling of ROWS')
    .option('--time <time>', 'when the thing predicted happens: once for all rows, or once a row', many)
    .option('--why <n>', 'tell so many inputs that moved each score most, against what is typical of training')
    .action(acts(async () => (await import('./commands/predict.js')).predict));
  program
    .command('feedback <endpoint>')
    .description('say what really happened to earlier predictions')
    .requiredOption('--label <id=value>', 'prediction id and what came true: 0, 1 or a number; may be repeated', many)
    .action(acts(async () => (await import('./commands/feedback.js')).feedback));
}
