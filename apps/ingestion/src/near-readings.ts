import type { ColumnContract } from './column-contract.js';
import type { ColumnProfile } from './profiling/column-profile.js';

/** How a column of texts could be read but for a few cells. */
export interface NearReading {
  /** The column as it would be: what cannot be read so becomes missing. */
  readonly column: ColumnContract;
  /** Cells that can be read so, of those that are there. */
  readonly read: number;
  readonly present: number;
  /** What stands in the others, the most frequent first. */
  readonly unread: readonly string[];
}

/** A trial of one reading of a column, under a name of its own. */
export interface Trial {
  readonly of: string;
  readonly column: ColumnContract;
}

/** From this share on it is a column of that type with faults, not one of texts. */
const MOST = 0.95;
/** From this share on somebody should hear of it. */
const HALF = 0.5;
/** Of fewer cells nothing is said that could be chance. */
const FEWEST_CELLS = 20;

/** So many columns are tried; planning a query takes longer than in proportion to its width. */
export const MOST_TRIED = 64;

type Reading = Pick<ColumnContract, 'type' | 'numbers' | 'formats'>;
const NUMBER: readonly Reading[] = [{ type: 'INT64' }, { type: 'FLOAT64' }, { type: 'FLOAT64', numbers: { thousands: '.', decimal: ',' } }];
const TIME: readonly Reading[] = [{ type: 'TIMESTAMP' }, { type: 'TIMESTAMP', formats: ['%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y'] }];
const SHAPES: readonly { readonly pattern: RegExp; readonly readings: readonly Reading[] }[] = [
  { pattern: /^\s*[+-]?[\d.,_]*\d[\d.,_]*([eE][+-]?\d+)?\s*%?\s*$/, readings: NUMBER },
  { pattern: /^\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})/, readings: TIME },
];

/** The readings that are worth a trial, judged by the most frequent texts of each column; names stand apart from those of all columns. */
export function trialsOf(columns: readonly ColumnContract[], profiles: readonly ColumnProfile[]): readonly Trial[] {
  const prefix = apartFrom(columns, 'near');
  const tops = new Map(profiles.map(({ column, top }) => [column, top]));
  let n = 0;
  return columns.filter(({ type }) => type === 'STRING').slice(0, MOST_TRIED).flatMap((column) => {
    const top = tops.get(column.name) ?? [];
    const likely = SHAPES.filter(({ pattern }) => top.filter(({ value }) => pattern.test(value)).length > top.length * HALF);
    return likely.flatMap(({ readings }) => readings).map((reading) => ({ of: column.name, column: { ...column, ...reading, name: `${prefix}${n++}`, badCell: 'MISSING' as const } }));
  });
}

/** A beginning that no column has. */
export function apartFrom(columns: readonly ColumnContract[], word: string): string {
  let prefix = word;
  while (columns.some(({ name }) => name.toLowerCase().startsWith(prefix))) prefix += '-';
  return prefix;
}

/** The best reading of each column that was tried, where more than half of its cells can be read so. */
export function nearReadings(trials: readonly Trial[], { missing, unread }: { readonly missing: ReadonlyMap<string, { readonly cells: number; readonly rows: number }>; readonly unread: ReadonlyMap<string, readonly string[]> }): ReadonlyMap<string, NearReading> {
  const best = new Map<string, NearReading>();
  for (const { of, column } of trials) {
    const before = missing.get(of);
    const after = missing.get(column.name);
    if (!before || !after) continue;
    const present = before.rows - before.cells;
    const read = after.rows - after.cells;
    if (present < FEWEST_CELLS || read < present * HALF || read <= (best.get(of)?.read ?? 0)) continue;
    best.set(of, { column: { ...column, name: of, badCell: read === present ? 'QUARANTINE' : 'MISSING' }, read, present, unread: unread.get(column.name) ?? [] });
  }
  return best;
}

/** Whether a column is taken for one of that type, rather than that somebody is told of it. */
export const isTaken = ({ read, present }: Pick<NearReading, 'read' | 'present'>): boolean => read >= present * MOST;

/** What a draft says of it. */
export function nearWhy({ column: { type, numbers, formats }, read, present, unread }: NearReading): string {
  const how = numbers ? `${type} with "${numbers.decimal}" before the fraction` : formats ? `${type}, some written as 31.12.2001` : type;
  const others = unread.length === 0 ? '' : `, such as ${unread.map((each) => `"${each}"`).join(', ')}`;
  if (read === present) return `every cell reads as ${how}`;
  return isTaken({ read, present }) ? `${read} of ${present} cells read as ${how}; the others become missing${others}` : `every cell reads as STRING; ${read} of ${present} would read as ${how}, and the others not${others}`;
}
