import { defineErrors } from './errors.js';

const errors = defineErrors('millrace', {
  INVALID_FILTER: { code: 'INVALID_ARGUMENT', message: 'Filter term "{term}" is not of the form field=value with a field of: {fields}.' },
});

const TERM = /^\s*(\w+)\s*=\s*("?)([^"=\s]+)\2\s*$/;

/**
 * Reads the filter of a List: `field=value` terms joined by AND, the part of AIP-160 that every List offers.
 * Throws INVALID_FILTER and names the fields that may stand there.
 */
export function parseFilter<const Field extends string>(filter: string, fields: readonly Field[]): Readonly<Partial<Record<Field, string>>> {
  if (filter.trim() === '') return {} as Partial<Record<Field, string>>;
  const entries = filter.split(/\sAND\s/).map((term) => {
    const [, name, , value] = TERM.exec(term) ?? [];
    const field = fields.find((candidate) => candidate === name);
    if (field === undefined || value === undefined) throw errors.INVALID_FILTER({ term: term.trim(), fields: fields.join(', ') });
    return [field, value] as const;
  });
  return Object.fromEntries(entries) as Partial<Record<Field, string>>;
}
