import type { ColumnProfile, ExpectationResult, RowCounts } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Session } from '../session.js';
import { count, figure, percent, plural, shareOf } from '../text/figures.js';
import { quantileHistogram } from '../text/histogram.js';
import { word } from '../text/state-word.js';
import { showMicros } from '../text/times.js';

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
        count(column.distinct),
        show(column.min),
        show(quantiles[1]),
        show(quantiles[3]),
        show(quantiles[5]),
        show(column.max),
        isTime ? '' : figure(column.mean),
        quantiles.length > 0 ? quantileHistogram(quantiles) : topText(column, rows),
      ];
    }),
  );
}

const topText = ({ top }: ColumnProfile, rows: bigint): string =>
  top
    .slice(0, TOP_SHOWN)
    .map(({ value, count: times }) => `${value === '' ? '""' : value} ${percent(Number(times) / Math.max(1, Number(rows)))}`)
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
