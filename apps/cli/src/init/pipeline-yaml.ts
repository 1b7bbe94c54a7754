import { stringify } from 'yaml';
import { contractYaml } from './contract-yaml.js';
import type { PipelineDraft } from './pipeline-draft.js';
import { targetName, targetText } from './target.js';

/** Names of the file and of what it makes. */
export interface PipelineYamlOptions {
  readonly name: string;
  /** The source, as the file names it. */
  readonly path: string;
}

/** A first pipeline as the text of a file, with comments that say what to change. */
export function pipelineYaml(draft: PipelineDraft, { name, path }: PipelineYamlOptions): string {
  const { contract, remarks, target } = draft;
  return `# Written by \`millrace init\`. It says what these rows are, not what you want of them: read every line. Lines that begin with "Change" are decisions of yours.
# Next: \`millrace apply\` this file with --plan to see what it would do, then \`millrace apply\`, then \`millrace run ${name}\`.
millrace: 1
pipeline: ${name}
# Change: say in a sentence what it is for.
description: ${flow(`Predicts ${targetText(target)}.`)}

sources:
  ${name}:
    path: ${flow(path)}
    # Change: "replace" when the file always holds all rows; with "append", rows that are new are added.
    mode: append
    # Change: severity of a rule to "quarantine" or "fail" where it must hold; a cell that nobody knows at the event gets known: after_event.
${indent(contractYaml(contract, remarks), 4)}

training:
  spine: ${name}
${labelLines(draft)}  target: ${flow(targetName(target))}
${splitLines(draft)}  seed: 7

plan:
${stepLines(draft)}  # Change: take out whatever nobody knows yet at the moment of a prediction; a model that saw it is worth nothing.
  features:
${features(draft).map((column) => `    - ${flow(column)}\n`).join('')}${draft.left.length === 0 ? '' : `  # Not seen by the model:\n${draft.left.map(({ column, why }) => `  #   ${oneLine(column)}: ${oneLine(why)}\n`).join('')}`}
# From the simplest to the challenger, which is the last.
ladder:
  - { name: dummy, estimator: dummy }
  - name: logistic
    estimator: logistic
    steps:
      - impute: { columns: features }
      - standard: { columns: features }
  - { name: trees, estimator: trees, params: { trees: 60, leaves: 15, rate: 0.1 } }

# Change: what a model must reach before it is released, such as metrics: { auc: { at_least: 0.7 } }. As it stands, trees
# need not beat the simpler logistic: { baseline: logistic, metric: log_loss, by: 0 } asks for that.
gate:
  better_than:
    - { baseline: dummy, metric: log_loss, by: 0 }
    - { baseline: champion, metric: log_loss, by: 0 }

register: { model: ${name} }
endpoint: { name: ${name} }

monitor:
  name: ${name}
  window: ${draft.split.window}
  # Change: how long after a prediction its outcome may come in with \`millrace feedback\`.
  lateness: 1d
  min_predictions: 100
  drift: { psi: 0.25, ignore: ${flow([contract.eventTime])} }

# Change: what starts a run besides a person, such as nightly: { schedule: '0 3 * * *' }.
triggers:
  new-data: { on: new_data }
  drift: { on: drift }
guards: { cooldown: 1d }
`;
}

function labelLines({ target }: PipelineDraft): string {
  if (target.kind !== 'above') return '';
  return `  # Change: the limit; yes is whatever lies above it.\n  labels:\n    ${flow(targetName(target))}: { column: ${flow(target.column)}, greater_than: ${target.above} }\n`;
}

function splitLines({ split }: PipelineDraft): string {
  if (split.by === 'random') return '  # The rows are of one time. Change: by: group with column: NAME where several rows are about one thing.\n  split: { by: random, evaluate: 0.25, seed: 7 }\n';
  return `  # Counted back from the newest row: the last ${split.evaluate} judge the model, the ${split.train} before them train it.\n  # Change: add gap: 7d or the like when outcomes become known late.\n  split: { evaluate: ${split.evaluate}, train: ${split.train} }\n`;
}

function stepLines({ contract, timeParts, texts }: PipelineDraft): string {
  const steps = [
    ...(timeParts.length === 0 ? [] : [`dateparts: { column: ${flow(contract.eventTime)}, parts: ${flow(timeParts)} }`]),
    ...texts.few.map((column) => `onehot: { column: ${flow(column)} }`),
    ...texts.many.map((column) => `frequency: { column: ${flow(column)}, as: ${flow(`${column}_frequency`)} }`),
  ];
  return steps.length === 0 ? '' : `  steps:\n${steps.map((step) => `    - ${step}\n`).join('')}`;
}

const features = ({ timeParts, numbers, texts }: PipelineDraft): readonly string[] => [...timeParts, ...numbers, ...texts.few.map((column) => `${column}_onehot`), ...texts.many.map((column) => `${column}_frequency`)];

/** A value in one line, in quotes where YAML wants them. */
const flow = (value: string | readonly string[]): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false, defaultStringType: typeof value === 'string' && !/^[\w][\w ./-]*$/.test(value) ? 'QUOTE_DOUBLE' : 'PLAIN' }).trimEnd();

const indent = (text: string, by: number): string => text.trimEnd().split('\n').map((line) => (line === '' ? '' : ' '.repeat(by) + line)).join('\n');
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
