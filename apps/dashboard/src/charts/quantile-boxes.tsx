/** 5 %, 25 %, 50 %, 75 % and 95 % of some values, in this order. */
export type Five = readonly [number, number, number, number, number];

/** Values of one column in two versions. */
export interface BoxPair {
  readonly name: string;
  readonly was: Five;
  readonly is: Five;
  readonly show: (value: number) => string;
}

/** How values lie before and now, a scale for each column: the line is nine tenths of the values, the box the middle half, the tick the median. */
export function QuantileBoxes({ pairs }: { readonly pairs: readonly BoxPair[] }) {
  return (
    <div className="boxes" role="img" aria-label={pairs.map(({ name, was, is, show }) => `${name}: median ${show(was[2])}, then ${show(is[2])}`).join('; ')}>
      {pairs.map(({ name, was, is, show }) => {
        const [least, most] = [Math.min(was[0], is[0]), Math.max(was[4], is[4])];
        const at = (value: number): string => `${((value - least) / (most - least || 1)) * 100}%`;
        const width = (from: number, to: number): string => `${((to - from) / (most - least || 1)) * 100}%`;
        return (
          <div key={name}>
            <span title={name}>{name}</span>
            <div>
              <svg width="100%" height="40" aria-hidden="true">
                {([[was, 10, 'was'], [is, 29, 'is']] as const).map(([[low, left, median, right, high], y, when]) => (
                  <g key={when} className={when}>
                    <line x1={at(low)} x2={at(high)} y1={y} y2={y} />
                    <rect x={at(left)} width={width(left, right)} y={y - 6} height="12" rx="1" />
                    <line className="median" x1={at(median)} x2={at(median)} y1={y - 8} y2={y + 8} />
                  </g>
                ))}
              </svg>
              <p className="axis" aria-hidden="true">
                <span>{show(least)}</span>
                <span>{show(most)}</span>
              </p>
            </div>
          </div>
        );
      })}
      <p className="axis key" aria-hidden="true">
        <span className="was">above: before</span>
        <span className="is">below: now</span>
      </p>
    </div>
  );
}
