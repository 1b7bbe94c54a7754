import type { ColumnShift, QuantileShift } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { type BoxPair, type Five, QuantileBoxes } from '../../charts/quantile-boxes.js';
import { Figure } from '../../parts/figure.js';
import { percent } from '../../text.js';
import { plainOf, shower } from './shower.js';

const FIVE = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** The five quantiles that a box is drawn of; undefined where one is not told. */
function fiveOf(quantiles: readonly QuantileShift[], of: (quantile: QuantileShift) => number): Five | undefined {
  const [a, b, c, d, e] = FIVE.map((share) => {
    const found = quantiles.find((quantile) => quantile.share === share);
    return found && of(found);
  });
  return a === undefined || b === undefined || c === undefined || d === undefined || e === undefined ? undefined : [a, b, c, d, e];
}

/** How the values of every number and time lay before, and lie now. */
export function Boxes({ columns }: { readonly columns: readonly ColumnShift[] }) {
  const pairs = columns.flatMap(({ column, type, quantiles }): BoxPair[] => {
    const [was, is] = [fiveOf(quantiles, (quantile) => quantile.was), fiveOf(quantiles, (quantile) => quantile.is)];
    return was && is ? [{ name: column, was, is, show: shower(type) }] : [];
  });
  if (pairs.length === 0) return undefined;
  const rows = columns.flatMap(({ column, type, quantiles }) => quantiles.map((quantile) => ({ ...quantile, column, type })));
  return (
    <Figure
      wide
      title="How their values lie"
      says="Each column on a scale of its own: the line is nine tenths of the values, the box their middle half, the tick their median."
      picture={<QuantileBoxes pairs={pairs} />}
      table={{
        rows,
        keyOf: ({ column, share }) => `${column} ${share}`,
        columns: [
          { head: 'Column', cell: ({ column }) => column },
          { head: 'Quantile', figures: true, cell: ({ share }) => percent(share), plain: ({ share }) => share },
          { head: 'Was', figures: true, cell: ({ type, was }) => shower(type)(was), plain: ({ type, was }) => plainOf(type, was) },
          { head: 'Is', figures: true, cell: ({ type, is }) => shower(type)(is), plain: ({ type, is }) => plainOf(type, is) },
          { head: 'Shift, in quartile distances', figures: true, cell: ({ shift }) => (shift === undefined ? '–' : shift.toFixed(2)), plain: ({ shift }) => shift },
        ],
      }}
    />
  );
}
