import { type ColumnProfile, ColumnProfile_DistinctKind, type Correlation, type ExpectationResult, type Histogram, type RowCounts } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Session } from '../session.js';
import { count, figure, percent, plural, shareOf } from '../text/figures.js';
import { barHistogram, type HistogramBars, quantileHistogram } from '../text/histogram.js';
import { word } from '../text/state-word.js';
import { showMicros } from '../text/times.js';
import { toldText } from '../text/width.js';

const TOP_SHOWN = 3;

/** What each column holds: numbers by quantiles with a small histogram, texts by their most frequent values. */
export function profileText(session: Session, profile: readonly ColumnProfile[], rows: bigint): string {
  if (profile.length === 0) return '';
  return session.table(
    [{ title: 'COLUMN' }, { title: 'TYPE' }, { title: 'MISSING', align: 'right' }, { title: 'DISTINCT', align: 'right' }, { title: 'MIN', align: 'right' }, { title: '5 %', align: 'right' }, { title: 'MEDIAN', align: 'right' }, { title: '95 %', align: 'right' }, { title: 'MAX', align: 'right' }, { title: 'MEAN', align: 'right' }, { title: '5 % – 95 %, OR MOST FREQUENT' }],
    profile.map((column) => {
      const { quantiles } = column;
      const isTime = column.type === ColumnType.TIMESTAMP;
      const show = (value: number | undefined): string => (isTime ? showMicros(value) : figure(value));
      return [
        column.column,
        word(column.type),
        column.missing === 0n ? '' : shareOf(column.missing, rows),
        distinctText(column),
        show(column.min),
        show(quantiles[1]),
        show(quantiles[3]),
        show(quantiles[5]),
        show(column.max),
        isTime ? '' : figure(column.mean),
        quantiles.length > 0 ? smallHistogram(column) : topText(column, rows),
      ];
    }),
  );
}

/** From the bars where they are fine enough, else from the quantiles. */
const smallHistogram = ({ histogram, quantiles }: ColumnProfile): string => (histogram && barHistogram(toBars(histogram), quantiles[1] ?? 0, quantiles[5] ?? 0)) ?? quantileHistogram(quantiles);

export const toBars = ({ width, first, counts }: Histogram): HistogramBars => ({ width, first: Number(first), counts: counts.map(Number) });

/** A count of distinct values, with how it is meant. */
export const distinctText = ({ distinct, distinctKind }: Pick<ColumnProfile, 'distinct' | 'distinctKind'>): string => `${distinctKind === ColumnProfile_DistinctKind.AT_LEAST ? '≥ ' : distinctKind === ColumnProfile_DistinctKind.ESTIMATED ? '≈ ' : ''}${count(distinct)}`;

const STRONG = 0.3;
const STRONGEST = 5;

/** The columns that go together most; empty where none do. */
export function correlationsText(session: Session, correlations: readonly Correlation[]): string {
  const strong = correlations.filter(({ r }) => Math.abs(r) >= STRONG).sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  if (strong.length === 0) return '';
  return session.table([{ title: 'GO TOGETHER' }, { title: 'WITH' }, { title: 'PEARSON', align: 'right' }], strong.slice(0, STRONGEST).map(({ left, right, r }) => [left, right, r.toFixed(3)]));
}

const topText = ({ top }: ColumnProfile, rows: bigint): string =>
  top
    .slice(0, TOP_SHOWN)
    .map(({ value, count: times }) => `${toldText(value)} ${percent(Number(times) / Math.max(1, Number(rows)))}`)
    .join(', ');

/** The account of every input row in one line. */
export function countsText({ read, kept, duplicates, quarantined, repaired, cellsRepaired }: RowCounts): string {
  const repairs = repaired === 0n ? '' : `; ${plural(cellsRepaired, 'cell')} repaired in ${plural(repaired, 'row')}`;
  return `${count(read)} read = ${count(kept)} kept + ${plural(duplicates, 'duplicate')} + ${count(quarantined)} quarantined${repairs}`;
}

/** Which expectations were met. */
export const expectationsText = (session: Session, expectations: readonly ExpectationResult[]): string =>
  expectations.length === 0
    ? ''
    : session.table(
        [{ title: 'EXPECTATION' }, { title: 'MET' }, { title: 'BROKEN BY', align: 'right' }, { title: 'OBSERVED' }],
        expectations.map(({ name, met, broken, observed }) => [name, met ? { text: 'yes', style: 'good' } : { text: 'no', style: 'bad' }, broken === 0n ? '' : count(broken), observed]),
      );
