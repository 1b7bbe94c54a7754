/** A place on a scale that has a name. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

const HEIGHT = 190;
const EDGE = 16;

/** A figure along a scale from 0 to 1, with the place where one stands and the one where it is least. */
export function CostCurve({ points, now, least, says, show }: { readonly points: readonly { readonly x: number; readonly y: number }[]; readonly now: Spot; readonly least: Spot; readonly says: string; readonly show: (value: number) => string }) {
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const up = (y: number): number => EDGE + (1 - y / most) * (HEIGHT - 2 * EDGE);
  const pathOf = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${(x * 1_000).toFixed(2)} ${up(y).toFixed(2)}`).join('');
  return (
    <div className="cost-curve">
      <div className="plot" role="img" aria-label={says}>
        <svg width="100%" height={HEIGHT} viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <line className="rail" x1="0" x2="1000" y1={up(0)} y2={up(0)} vectorEffect="non-scaling-stroke" />
          <path className="trace" data-chosen d={pathOf} vectorEffect="non-scaling-stroke" />
        </svg>
        <svg className="spots-of-cost" width="100%" height={HEIGHT} aria-hidden="true">
          <line className="whole" x1={`${now.x * 100}%`} x2={`${now.x * 100}%`} y1={EDGE} y2={up(0)} />
          <circle className="least" cx={`${least.x * 100}%`} cy={up(least.y)} r="7" />
          <circle className="now" cx={`${now.x * 100}%`} cy={up(now.y)} r="4.5" />
        </svg>
      </div>
      <p className="axis" aria-hidden="true">
        <span>threshold 0</span>
        <span className="key"><i data-mark="now" /> {now.name}: {show(now.y)}</span>
        <span className="key"><i data-mark="least" /> {least.name}: {show(least.y)}</span>
        <span>1</span>
      </p>
    </div>
  );
}
