import type { Argument, Command, Option } from 'commander';
import type { Collection } from '../calls/list-names.js';

/** One word that may stand at the cursor, with what it means. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** What may stand at the cursor: words, and the names of a collection where one is meant. Neither means a file. */
export interface Candidates {
  readonly words: readonly Candidate[];
  readonly names: Collection | undefined;
}

const NONE: Candidates = { words: [], names: undefined };
/** What an argument names, by its own name, by its command, or by the noun that its command belongs to. */
const OF_ARGUMENT: Readonly<Record<string, Collection>> = { pipeline: 'pipelines', endpoint: 'endpoints', monitor: 'monitors', run: 'pipelineRuns', alert: 'alerts', views: 'featureViews' };
const OF_NOUN: Readonly<Record<string, Collection>> = { dataset: 'datasets', model: 'models', feature: 'featureViews' };
const OF_COMMAND: Readonly<Record<string, Collection>> = { lineage: 'traceable' };
const OF_OPTION: Readonly<Record<string, Collection>> = { '--pipeline': 'pipelines', '--endpoint': 'endpoints', '--entity': 'entities', '--of': 'datasets' };

/** Reads the words of a command line up to the cursor, of which the last is under it. */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const last = words.at(-1) ?? '';
  let command = program;
  let operands = 0;
  let wanting: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (wanting) wanting = undefined;
    else if (word.startsWith('-') && word !== '-') wanting = valueOption(command, word);
    else {
      const next = operands === 0 ? subcommand(command, word) : undefined;
      if (next) command = next;
      else operands++;
    }
  }
  if (wanting) return { words: matching((wanting.argChoices ?? []).map((word) => ({ word, meaning: '' })), last), names: OF_OPTION[wanting.long ?? ''] };
  if (last.startsWith('-') && last !== '-') return { words: matching(optionsOf(command), last), names: undefined };
  const verbs = operands === 0 ? shown(command).map((each) => ({ word: each.name(), meaning: each.description() })) : [];
  const argument = command.registeredArguments[operands] ?? command.registeredArguments.at(-1);
  const reaches = argument !== undefined && (operands < command.registeredArguments.length || argument.variadic);
  if (!reaches) return { ...NONE, words: matching(verbs, last) };
  return { words: matching([...verbs, ...(argument.argChoices ?? []).map((word) => ({ word, meaning: '' }))], last), names: namesOf(command, argument, operands) };
}

/** The option that takes the word after it; `--limit=5` holds its value already. */
function valueOption(command: Command, word: string): Option | undefined {
  const option = allOptions(command).find(({ long, short }) => long === word || short === word);
  return option?.required || option?.optional ? option : undefined;
}

const subcommand = (command: Command, word: string): Command | undefined => command.commands.find((each) => each.name() === word || each.aliases().includes(word));
/** As its help lists them. */
const shown = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command).filter((each) => each.name() !== 'help');

function allOptions(command: Command): readonly Option[] {
  return [...command.options, ...(command.parent ? allOptions(command.parent) : [])];
}

function optionsOf(command: Command): readonly Candidate[] {
  const options = allOptions(command).flatMap(({ long, description, hidden }) => (long === undefined || long === null || hidden ? [] : [{ word: long, meaning: description }]));
  return [...new Map([...options, { word: '--help', meaning: 'display help for command' }].map((each) => [each.word, each])).values()];
}

function namesOf(command: Command, argument: Argument, operands: number): Collection | undefined {
  const own = OF_ARGUMENT[argument.name()];
  return own ?? (operands === 0 && argument.name() === 'name' ? (OF_COMMAND[command.name()] ?? OF_NOUN[command.parent?.name() ?? '']) : undefined);
}

const matching = (words: readonly Candidate[], start: string): readonly Candidate[] => words.filter(({ word }) => word.startsWith(start));
