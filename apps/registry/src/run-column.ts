import { createHash } from 'node:crypto';
import { canonicalJson } from '@millrace/core';
import { errors } from './errors.js';

/** Where in a run a value stands; a field is one of its own. */
export type ValueKind = 'field' | 'param' | 'metric' | 'tag';

/** Something that runs have values of. */
export interface RunColumn {
  readonly kind: ValueKind;
  readonly key: string;
}

/** The fields of a run that it can be found by. */
export const FIELDS = ['state', 'display_name', 'start_time', 'end_time'] as const;

/** The kinds by the word that stands before the key, in the order in which columns are listed. */
export const WORDS = { params: 'param', metrics: 'metric', tags: 'tag' } as const;

const NAME = /^(?:(params|metrics|tags)\.(?:([^\s"\\=!<>:,]+)|"((?:[^"\\]|\\.)+)")|(\w+))$/s;

/** What a name such as `metrics.auc`, `params."a name"` or `state` means; undefined where it means nothing. */
export function findColumn(name: string): RunColumn | undefined {
  const [, word, bare, quoted, field] = NAME.exec(name) ?? [];
  if (field !== undefined) return FIELDS.some((each) => each === field) ? { kind: 'field', key: field } : undefined;
  const key = bare ?? (quoted === undefined ? undefined : unquote(quoted));
  return word === undefined || key === undefined ? undefined : { kind: WORDS[word as keyof typeof WORDS], key };
}

/** A column that runs are to be sent with; throws COLUMN_INVALID. */
export function parseColumn(name: string): RunColumn {
  const column = findColumn(name);
  if (!column || column.kind === 'field') throw errors.COLUMN_INVALID({ column: name });
  return column;
}

/** The name of a column, as findColumn reads it. */
export function columnName({ kind, key }: RunColumn): string {
  const word = (Object.keys(WORDS) as (keyof typeof WORDS)[]).find((each) => WORDS[each] === kind);
  if (word === undefined) return key;
  const name = `${word}.${key}`;
  return NAME.test(name) ? name : `${word}."${key.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Tells a column of an experiment from all others, in any home: 96 bits of a digest. */
export const columnId = (experiment: string, { kind, key }: RunColumn): string => createHash('sha256').update(canonicalJson([experiment, kind, key])).digest('base64url').slice(0, ID_LENGTH);

const ID_LENGTH = 16;

/** What stands between the quotes of a filter. */
export const unquote = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');
