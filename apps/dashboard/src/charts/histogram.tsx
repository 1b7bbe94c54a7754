import type { Histogram as Bars } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { toldText } from '../text.js';

const [LOW, TALL] = [44, 180];
/** So many of the most frequent values stand in a table of columns. */
const FEW = 4;

/** How often values lie where, as bars of equal width; each is at least a hair high where there is anything. */
export function Histogram({ histogram: { counts, width, first }, says, show, tall = false }: { readonly histogram: Bars; readonly says: string; readonly show: (value: number) => string; readonly tall?: boolean }) {
  const high = tall ? TALL : LOW;
  const heights = counts.map(Number);
  const most = Math.max(...heights, 1);
  const each = 100 / Math.max(heights.length, 1);
  return (
    <div className="histogram">
      <svg width="100%" height={high} role="img" aria-label={says}>
        {heights.map((height, i) => (height === 0 ? undefined : <rect key={i} x={`${i * each}%`} width={`${Math.max(each * 0.86, each - 0.6)}%`} y={high - Math.max(1.5, (height / most) * high)} height={Math.max(1.5, (height / most) * high)} />))}
      </svg>
      <p className="axis" aria-hidden="true">
        <span>{show(Number(first) * width)}</span>
        <span>{show((Number(first) + heights.length) * width)}</span>
      </p>
    </div>
  );
}

/** Shares of the most frequent values, as bars with their names. */
export function TopValues({ top, rows, shown = FEW }: { readonly top: readonly { readonly value: string; readonly count: bigint }[]; readonly rows: number; readonly shown?: number }) {
  const most = Math.max(...top.map(({ count }) => Number(count)), 1);
  return (
    <ul className="top">
      {top.slice(0, shown).map(({ value, count }) => (
        <li key={value}>
          <span>{toldText(value)}</span>
          <svg width="100%" height="10" aria-hidden="true">
            <rect x="0" y="1" height="8" rx="1" width={`${(Number(count) / most) * 100}%`} />
          </svg>
          <span className="value">{rows === 0 ? '' : `${((Number(count) / rows) * 100).toFixed(1)} %`}</span>
        </li>
      ))}
    </ul>
  );
}
