import { nearest } from '@millrace/core';
import type { z } from 'zod';
import { schemaAt } from './file-json-schema.js';

/** One thing that is wrong with a file, and where. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What zod found, in words that say what may stand there; one unknown key is one fault. */
export function faultsOf(issue: z.core.$ZodIssue, json: unknown): readonly Fault[] {
  const { path } = issue;
  const found = valueAt(json, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, Object.keys(schemaAt(path)?.properties ?? {})) }));
    case 'invalid_type':
      return [{ path, message: found === undefined ? `is missing; give ${article(issue.expected)}` : `is ${kindOf(found)}; give ${article(issue.expected)}` }];
    case 'invalid_value':
      return [{ path, message: found === undefined ? `is missing; give ${listed(issue.values)}` : notOneOf(found, issue.values) }];
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, message: `the name "${String(path.at(-1))}" ${message}` }));
    default:
      return [{ path, message: issue.message }];
  }
}

const unknownKey = (key: string, known: readonly string[]): string => {
  const meant = nearest(key, known);
  return meant === undefined ? `is not known here; there are ${known.join(', ')}` : `is not known here; did you mean ${meant}?`;
};

function notOneOf(found: unknown, values: readonly unknown[]): string {
  const meant = typeof found === 'string' ? nearest(found, values.map(String)) : undefined;
  return `${JSON.stringify(found)} is not ${listed(values)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

const listed = (values: readonly unknown[]): string => (values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`);

const NOUNS: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list', null: 'nothing' };

const article = (expected: string): string => NOUNS[expected] ?? expected;
const kindOf = (value: unknown): string => (value === null ? 'empty' : Array.isArray(value) ? 'a list' : typeof value === 'boolean' ? 'true or false' : (NOUNS[typeof value] ?? typeof value));

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json;
  for (const key of path) value = typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined;
  return value;
}
