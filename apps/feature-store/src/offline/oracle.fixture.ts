import type { FeatureStatus } from '../online/view-answers.js';
import type { Feature, FeatureView } from '../feature-view.js';
import type { HistoryRow } from './history.fixture.js';

/** A value as both sides must give it: times in microseconds, by name. */
export interface Expected {
  readonly value: bigint | number | string | undefined;
  readonly status: FeatureStatus;
  readonly eventTime: number | undefined;
}

type Number64 = bigint | number;
const NOT_FOUND: Expected = { value: undefined, status: 'NOT_FOUND', eventTime: undefined };
const expired = (eventTime: number): Expected => ({ value: undefined, status: 'EXPIRED', eventTime });
const BEYOND = 1e24;

/** The moment at which a row can be known; undefined when nobody can say. */
export function knownTime({ knowledge: { column, delay, terms } }: FeatureView, row: HistoryRow): number | undefined {
  if (column !== '') return cellOf(row, column) as number | undefined;
  let known = row.event + delay;
  for (const term of terms) {
    const amount = cellOf(row, term.column);
    if (amount === undefined || !Number.isFinite(Number(amount))) return undefined;
    known += Math.floor(Number(amount) * term.microseconds);
  }
  return known;
}

/** The feature of one key as of a time, by looking at every row of its history: slow, and plain. */
export function oracle(view: FeatureView, feature: Feature, { rows, time, knownAt = (row) => knownTime(view, row) }: { rows: readonly HistoryRow[]; time: number; knownAt?: (row: HistoryRow) => number | undefined }): Expected {
  const timed = rows.flatMap((row, order) => {
    const known = knownAt(row);
    return known === undefined ? [] : [{ row, known, order }];
  });
  if (feature.aggregation === 'LATEST') return latest();
  return feature.aggregation === 'LATEST_PRESENT' || feature.aggregation === 'PREVIOUS' || feature.aggregation === 'DIFFERENCE' ? back() : aggregate();

  function latest(): Expected {
    const [best] = timed.filter(({ known }) => known <= time).sort((a, b) => b.row.event - a.row.event || b.known - a.known || b.order - a.order);
    if (!best) return NOT_FOUND;
    if (view.ttl > 0 && best.row.event < time - view.ttl) return expired(best.row.event);
    const value = plain(valueOf(view, feature.column, best.row));
    return value === undefined ? NOT_FOUND : { value, status: 'PRESENT', eventTime: best.row.event };
  }

  /** Goes through the rows in the order in which they were known, and keeps each that was the newest then. */
  function back(): Expected {
    let newest: typeof timed = [];
    for (const one of timed.filter(({ known }) => known <= time).sort((a, b) => a.known - b.known || a.row.event - b.row.event || a.order - b.order)) {
      if (one.row.event < (newest.at(-1)?.row.event ?? -Infinity)) continue;
      newest = [...newest.filter(({ known }) => known !== one.known), one];
    }
    const seen = newest.slice(-16);
    const value = ({ row }: { readonly row: HistoryRow }) => plain(valueOf(view, feature.column, row));
    if (feature.aggregation === 'LATEST_PRESENT') return aged(seen.findLast((one) => value(one) !== undefined), value);
    const events = [...new Set(seen.map(({ row }) => row.event))];
    const event = events.at(-1 - (feature.stepsBack ?? 0));
    const earlier = event === undefined ? undefined : seen.findLast(({ row }) => row.event === event);
    const last = seen.at(-1);
    return aged(earlier, (one) => {
      const [a, b] = [last && value(last), value(one)];
      return feature.aggregation === 'PREVIOUS' ? b : a === undefined || b === undefined ? undefined : Number(a) - Number(b);
    });
  }

  function aged<T extends { readonly row: HistoryRow }>(one: T | undefined, read: (one: T) => Expected['value']): Expected {
    if (!one) return NOT_FOUND;
    if (view.ttl > 0 && one.row.event < time - view.ttl) return expired(one.row.event);
    const value = read(one);
    return value === undefined ? NOT_FOUND : { value, status: 'PRESENT', eventTime: one.row.event };
  }

  function aggregate(): Expected {
    const now = Math.floor(time / view.tile);
    const before = timed.filter(({ known }) => Math.floor(known / view.tile) < now);
    if (before.length === 0) return NOT_FOUND;
    const newest = Math.max(...before.map(({ row }) => row.event));
    if (view.ttl > 0 && newest < time - view.ttl) return expired(newest);
    const inside = before.filter(({ known }) => Math.floor(known / view.tile) >= now - feature.window / view.tile);
    const eventTime = inside.length === 0 ? newest : Math.max(...inside.map(({ row }) => row.event));
    if (feature.aggregation === 'COUNT') return { value: BigInt(inside.length), status: 'PRESENT', eventTime };
    const values = inside.flatMap(({ row }) => summable(valueOf(view, feature.column, row)));
    return values.length === 0 ? NOT_FOUND : present(fold(values, feature.aggregation), eventTime);
  }
}

const present = (value: Number64, eventTime: number): Expected => (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value ? NOT_FOUND : { value, status: 'PRESENT', eventTime });

function fold(values: readonly Number64[], aggregation: Feature['aggregation']): Number64 {
  const least = values.reduce((a, b) => (b < a ? b : a));
  const most = values.reduce((a, b) => (b > a ? b : a));
  if (aggregation === 'MIN' || aggregation === 'MAX') return aggregation === 'MIN' ? least : most;
  const exact = typeof values[0] === 'bigint';
  const total = values.reduce<bigint>((sum, value) => sum + (typeof value === 'bigint' ? value : BigInt(halfAway(value * 1e6))), 0n);
  const sum = exact ? Number(total) : Number(total) / 1e6;
  return aggregation === 'MEAN' ? sum / values.length : exact ? total : sum;
}

const halfAway = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

type CellValue = HistoryRow[keyof HistoryRow];
const cellOf = (row: HistoryRow, column: string): CellValue => row[column as keyof HistoryRow];

function valueOf(view: FeatureView, column: string, row: HistoryRow): CellValue {
  const derived = view.derived.find(({ name }) => name === column);
  if (!derived) return cellOf(row, column);
  const source = cellOf(row, derived.source);
  if (source === undefined || Number.isNaN(Number(source))) return undefined;
  const [x, y] = [Number(source), derived.threshold];
  return BigInt({ GREATER: x > y, GREATER_OR_EQUAL: x >= y, LESS: x < y, LESS_OR_EQUAL: x <= y, EQUAL: x === y }[derived.comparison]);
}

const plain = (cell: CellValue): Expected['value'] => (typeof cell === 'boolean' ? BigInt(cell) : cell === 0 ? 0 : cell);

function summable(cell: CellValue): readonly Number64[] {
  if (typeof cell === 'boolean') return [BigInt(cell)];
  if (typeof cell === 'number') return Math.abs(cell) <= BEYOND ? [plain(cell) as number] : [];
  return typeof cell === 'bigint' ? [cell] : [];
}
