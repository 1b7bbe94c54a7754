import type { z } from 'zod';

/** The types that options have, as people call them. */
const WORDS: Readonly<Record<string, string>> = { array: 'a list', boolean: 'true or false', int: 'a whole number', null: 'nothing', number: 'a number', object: 'named values', record: 'named values', string: 'a text', tuple: 'a list' };

/** What a value that is wrong is told: what to give in its place. What a type says itself goes before. */
export const optionFault: z.core.$ZodErrorMap = (issue) => {
  const instead = issue.input === undefined ? '' : ` instead of ${called(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `give ${WORDS[issue.expected] ?? issue.expected}${instead}`;
    case 'invalid_value':
      return `give ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(given).join(', ')}${instead}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? `give one of ${issue.options.map(given).join(', ')}` : anyOf(issue.errors, instead);
    case 'too_small':
      return bounded(issue.origin, issue.minimum, issue.inclusive === false ? 'above' : 'at least');
    case 'too_big':
      return bounded(issue.origin, issue.maximum, issue.inclusive === false ? 'below' : 'at most');
    default:
      return undefined;
  }
};

/** The faults of one value, each with where it stands. */
export const optionFaults = ({ issues }: z.ZodError): string => issues.map(told).join('; ');

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const told = ({ path, message }: Fault): string => (path.length > 0 ? `${path.join('.')}: ${message}` : message);
const given = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

/** Any of several types. Where one of them fits but for its insides, what is wrong there is what people want to know. */
function anyOf(branches: readonly (readonly z.core.$ZodIssue[])[], instead: string): string {
  const faults = branches.flatMap(([fault]) => fault ?? []);
  const inside = faults.find(({ path, code }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'));
  if (inside) return told(inside);
  const types = faults.map((fault) => (fault.code === 'invalid_type' ? (WORDS[fault.expected] ?? fault.expected) : fault.code === 'invalid_value' ? fault.values.map(given).join(' or ') : ''));
  return `give ${types.join(' or ')}${instead}`;
}

function bounded(origin: string, bound: number | bigint, how: string): string {
  if (origin === 'string') return bound === 1 ? 'give a text that is not empty' : `give a text of ${how} ${bound} characters`;
  return origin === 'array' || origin === 'set' ? `name ${how} ${bound}` : `give a number, ${how} ${bound}`;
}

function called(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value.length > MAX_SHOWN ? 'a text' : `"${value}"`;
  return typeof value === 'object' ? 'named values' : String(value);
}

const MAX_SHOWN = 60;
