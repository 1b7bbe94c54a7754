import { errors } from './errors.js';
import type { RunState } from './experiment.js';
import { FIELDS, findColumn, type RunColumn, unquote } from './run-column.js';
import { folded, NUMBERS, numberIn, placeAfter, placeOfNumber, placeOfText, TEXTS } from './run-value.js';

/** What the value of a column must be: within places (outside of them where `not`), or a text that holds these bytes. */
export type Condition = { readonly column: RunColumn } & ({ readonly from: Uint8Array; readonly to: Uint8Array; readonly not: boolean } | { readonly holds: Uint8Array });

/** How runs are sorted; undefined means newest first. */
export interface RunOrder {
  readonly column: RunColumn;
  readonly descending: boolean;
}

type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | ':';

const MAX_TERMS = 20;
const TERM = /\s*((?:params|metrics|tags)\.(?:"(?:[^"\\]|\\.)*"|[^\s"\\=!<>:,]+)|\w+)\s*(!=|<=|>=|=|<|>|:)\s*("(?:[^"\\]|\\.)*"|[^\s"]+)\s*/sy;
const AND = /AND\s/y;
const STATES: readonly RunState[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
const TIMES: readonly string[] = ['start_time', 'end_time'];
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Reads the filter of ListRuns; throws INVALID_FILTER, which names the place and what may stand there. */
export function parseRunFilter(filter: string): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.trim() === '') return conditions;
  for (let at = 0; ; ) {
    TERM.lastIndex = at;
    const [whole, name = '', operator = '', literal = ''] = TERM.exec(filter) ?? [];
    const refuse = (why: string) => errors.INVALID_FILTER({ place: String(at + 1 + (/^\s*/.exec(filter.slice(at))?.[0].length ?? 0)), term: (whole ?? filter.slice(at)).trim().slice(0, SHOWN), why });
    if (whole === undefined) throw refuse('a term is a field, one of = != < <= > >= : and a value, such as metrics.auc > 0.7; a value with spaces stands in double quotes');
    const column = findColumn(name);
    if (!column) throw refuse(`"${name}" is no field; give ${FIELDS.join(', ')}, params.<name>, metrics.<name> or tags.<name>`);
    const condition = conditionOf(column, operator as Operator, literal);
    if (typeof condition === 'string') throw refuse(condition);
    conditions.push({ column, ...condition });
    at += whole.length;
    if (at === filter.length) return conditions;
    if (conditions.length === MAX_TERMS) throw refuse(`at most ${MAX_TERMS} terms stand in a filter`);
    AND.lastIndex = at;
    const and = AND.exec(filter);
    if (!and) throw errors.INVALID_FILTER({ place: String(at + 1), term: filter.slice(at, at + SHOWN), why: 'terms are joined by AND, in capitals' });
    at += and[0].length;
  }
}

/** Letters of a filter that an error repeats. */
const SHOWN = 60;

/** Reads order_by of ListRuns; throws INVALID_ORDER. */
export function parseRunOrder(order: string): RunOrder | undefined {
  if (order.trim() === '') return undefined;
  const [, name = order.trim(), way] = /^\s*(.*?)(?:\s+(asc|desc))?\s*$/s.exec(order) ?? [];
  const column = findColumn(name);
  if (!column) throw errors.INVALID_ORDER({ order, why: `give one of ${FIELDS.join(', ')}, params.<name>, metrics.<name> or tags.<name>, and desc for the greatest first` });
  return { column, descending: way === 'desc' };
}

type Places = { readonly from: Uint8Array; readonly to: Uint8Array; readonly not: boolean } | { readonly holds: Uint8Array };

/** What a term asks of the values of its column, or why it cannot. */
function conditionOf({ kind, key }: RunColumn, operator: Operator, literal: string): Places | string {
  const text = literal.startsWith('"') ? unquote(literal.slice(1, -1)) : literal;
  if (operator === ':' && literal === '*') return { from: NUMBERS.from, to: TEXTS.to, not: false };
  const asTime = kind === 'field' && TIMES.includes(key);
  if (operator === ':') return asTime || kind === 'metric' ? 'a text is looked for in params, tags, display_name and state only; :* asks for any value' : { holds: folded(text) };
  if (kind === 'field' && key === 'state' && !STATES.some((state) => state === text)) return `a state is one of ${STATES.join(', ')}`;
  const time = asTime && TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (asTime && Number.isNaN(time)) return 'a time is written as "2026-11-27T09:00:00Z", or as a day';
  const number = asTime ? time : numberIn(text);
  if (kind === 'metric' && number === undefined) return 'a metric is compared with a number';
  if (number === undefined) return placesOf(operator, placeOfText(text), TEXTS);
  // In quotes a param is the very text that it is: "0.10" is not "0.1".
  const exact = literal.startsWith('"') && !asTime && kind !== 'metric';
  return placesOf(operator, exact ? placeOfText(text) : placeOfNumber(number), NUMBERS);
}

/** The places that compare so with one; numbers are compared with numbers and texts with texts. */
function placesOf(operator: Exclude<Operator, ':'>, place: Uint8Array, all: { readonly from: Uint8Array; readonly to: Uint8Array }): Places {
  const after = placeAfter(place);
  switch (operator) {
    case '=':
    case '!=':
      return { from: place, to: after, not: operator === '!=' };
    case '<':
      return { from: all.from, to: place, not: false };
    case '<=':
      return { from: all.from, to: after, not: false };
    case '>':
      return { from: after, to: all.to, not: false };
    case '>=':
      return { from: place, to: all.to, not: false };
  }
}
