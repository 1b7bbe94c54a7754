import { parseArgs } from 'node:util';
import { ROWS } from './rows.mjs';

export const PLANTS = ['publish-outside', 'effect-without-inbox', 'acknowledged-early', 'lease-without-fence'];

export const USAGE = `Usage: npm run chaos -- [options]
  --only ROW    one row alone, or several divided by commas: ${Object.keys(ROWS).join(', ')}
  --short       one story with a fault of every kind in turn, as in CI
  --undisturbed tells the story in one process first, without a fault: every other must come to the same digests
  --rounds N    rounds of each row; default 3
  --seed N      makes the same choices again; default: drawn, and printed
  --instances N of each service, 1 or more; default: what the row needs
  --json FILE   writes what each round and each story gave
  --plant BUG   starts the services with a bug that must be found: ${PLANTS.join(', ')}
`;

/** What the command line asks for; throws with the usage. */
export function readOptions(args) {
  const { values } = parse(args);
  const number = (name, fallback, least) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least)) throw new Error(`--${name} must be a whole number from ${least} on.\n${USAGE}`);
    return value;
  };
  const only = values.only?.split(',').map((name) => name.trim()) ?? Object.keys(ROWS);
  const stranger = only.find((name) => !Object.hasOwn(ROWS, name));
  if (stranger !== undefined) throw new Error(`"${stranger}" is not a row.\n${USAGE}`);
  if (values.plant !== undefined && !PLANTS.includes(values.plant)) throw new Error(`--plant must be one of ${PLANTS.join(', ')}.\n${USAGE}`);
  return { only, short: values.short, undisturbed: values.undisturbed, rounds: number('rounds', 3, 1), seed: number('seed', Math.floor(Math.random() * 2 ** 31), 0), instances: number('instances', undefined, 1), json: values.json, plant: values.plant };
}

function parse(args) {
  try {
    return parseArgs({ args, options: { short: { type: 'boolean', default: false }, undisturbed: { type: 'boolean', default: false }, ...Object.fromEntries(['only', 'rounds', 'seed', 'instances', 'json', 'plant'].map((name) => [name, { type: 'string' }])) } });
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`, { cause: error });
  }
}
