import { figure } from '../text.js';

/** One point of a series, with its interval where there is one. */
export interface Point {
  readonly label: string;
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Beyond its limit. */
  readonly beyond: boolean;
}

const HEIGHT = 150;
const EDGE = 12;

/** Figures over windows of time, oldest first, with their intervals and the limit that they are judged by. */
export function Series({ points, limit, says }: { readonly points: readonly Point[]; readonly limit: number | undefined; readonly says: string }) {
  const values = [...points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]), ...(limit === undefined ? [] : [limit])];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spread = most - least || 1;
  const y = (value: number): number => EDGE + (1 - (value - least) / spread) * (HEIGHT - 2 * EDGE);
  const x = (i: number): string => `${((i + 0.5) / points.length) * 100}%`;
  return (
    <div className="series">
      <p className="scale" aria-hidden="true">
        <span>{figure(most, 3)}</span>
        <span>{figure(least, 3)}</span>
      </p>
      <svg width="100%" height={HEIGHT} role="img" aria-label={says}>
        {limit === undefined ? undefined : <line className="limit" x1="0" x2="100%" y1={y(limit)} y2={y(limit)} />}
        {points.map(({ value }, i) => {
          const former = points[i - 1];
          return former ? <line key={i} className="thread" x1={x(i - 1)} y1={y(former.value)} x2={x(i)} y2={y(value)} /> : undefined;
        })}
        {points.map(({ label, value, low, high, beyond }, i) => (
          <g key={label} data-beyond={beyond || undefined}>
            {low !== undefined && high !== undefined && high > low ? <line className="whisker" x1={x(i)} x2={x(i)} y1={y(low)} y2={y(high)} /> : undefined}
            <circle cx={x(i)} cy={y(value)} r="4.5" />
          </g>
        ))}
      </svg>
      <p className="axis" aria-hidden="true">
        <span>{points[0]?.label}</span>
        {limit === undefined ? undefined : <span className="key">┄ limit {limit}</span>}
        <span>{points.length > 1 ? points.at(-1)?.label : ''}</span>
      </p>
    </div>
  );
}
