import type { ColumnProfile, Correlation } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Session } from '../session.js';
import { count, figure, plural, shareOf } from '../text/figures.js';
import { barLines } from '../text/histogram.js';
import { word } from '../text/state-word.js';
import { showMicros } from '../text/times.js';
import { toldText } from '../text/width.js';
import { distinctText, toBars } from './profile-text.js';

const MOST_BARS = 32;
const BAR_LENGTH = 40;

/** All that a profile says of one column, with its histogram in full. */
export function columnText(session: Session, column: ColumnProfile, { rows, correlations }: { readonly rows: bigint; readonly correlations: readonly Correlation[] }): string {
  const { type, missing, min, max, mean, stddev, quantiles, histogram, top, topComplete } = column;
  const show = (value: number | undefined): string => (type === ColumnType.TIMESTAMP ? showMicros(value) : figure(value));
  const facts = [
    ['type', word(type)],
    ['missing', `${count(missing)} of ${count(rows)} (${shareOf(missing, rows)})`],
    ['distinct', distinctText(column)],
    ['range', min === undefined ? '' : `${show(min)} to ${show(max)}`],
    ['mean', mean === undefined || type === ColumnType.TIMESTAMP ? '' : `${figure(mean)}, standard deviation ${figure(stddev)}`],
    ['quartiles', quantiles.length === 0 ? '' : [quantiles[2], quantiles[3], quantiles[4]].map(show).join(', ')],
  ].filter(([, fact]) => fact !== '');
  const bars = histogram ? session.table([{ title: 'FROM', align: 'right' }, { title: 'ROWS', align: 'right' }, { title: '' }], barLines(toBars(histogram), { most: MOST_BARS, length: BAR_LENGTH }).map(({ from, count: held, bar }) => [show(from), count(held), bar])) : '';
  const values = top.length === 0 ? '' : session.table([{ title: topComplete ? 'VALUE' : 'MOST FREQUENT', shrink: true }, { title: 'ROWS', align: 'right' }, { title: 'SHARE', align: 'right' }], top.map(({ value, count: held }) => [toldText(value), count(held), shareOf(held, rows)]));
  const others = correlations.filter(({ left, right }) => left === column.column || right === column.column).sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  const together = others.length === 0 ? '' : session.table([{ title: 'GOES WITH' }, { title: 'PEARSON', align: 'right' }], others.map(({ left, right, r }) => [left === column.column ? right : left, r.toFixed(3)]));
  const parts = [facts.map(([title = '', fact = '']) => `  ${title.padEnd(9)} ${fact}\n`).join(''), bars, values, together].filter((part) => part !== '');
  return `Column ${session.styled('bold', column.column)} of ${plural(rows, 'row')}\n${parts.join('\n')}`;
}
