import { parseArgs } from 'node:util';
import { PHASES } from '../faults/phases.mjs';

export const PLANTS = ['publish-outside', 'effect-without-inbox'];

export const USAGE = `Usage: npm run crash -- [options]
  --rounds N    kills in all; default 100
  --seed N      makes the same choices again; default: drawn, and printed
  --only PHASE  kills in one phase alone: ${PHASES.join(', ')}
  --json FILE   writes what each round and each story gave
  --signal TERM asks the process to end in order instead of killing it: then nothing at all may be lost
  --plant BUG   starts the services with a bug that must be found: ${PLANTS.join(', ')}
`;

/** What the command line asks for; throws with the usage. */
export function readOptions(args) {
  const { values } = parse(args);
  const number = (name, fallback, least) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} must be a whole number from ${least} on.\n${USAGE}`);
    return value;
  };
  const oneOf = (name, known) => {
    if (values[name] !== undefined && !known.includes(values[name])) throw new Error(`--${name} must be one of ${known.join(', ')}.\n${USAGE}`);
    return values[name];
  };
  return { rounds: number('rounds', 100, 1), seed: number('seed', Math.floor(Math.random() * 2 ** 31), 0), only: oneOf('only', PHASES), plant: oneOf('plant', PLANTS), json: values.json, signal: oneOf('signal', ['KILL', 'TERM']) ?? 'KILL' };
}

function parse(args) {
  try {
    return parseArgs({ args, options: Object.fromEntries(['rounds', 'seed', 'only', 'plant', 'json', 'signal'].map((name) => [name, { type: 'string' }])) });
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`, { cause: error });
  }
}
