/** One row of a forest: a figure with its interval, and what it should be where that is known. */
export interface Branch {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** A second figure on the same scale, drawn as a hollow mark. */
  readonly beside?: number;
}

/** Figures with their intervals one under the other, on one scale; a line where the whole lies. */
export function Forest({ branches, whole, says, show }: { readonly branches: readonly Branch[]; readonly whole: number | undefined; readonly says: string; readonly show: (value: number) => string }) {
  const values = [...branches.flatMap(({ low, high, value, beside }) => [low, high, value, beside ?? value]), ...(whole === undefined ? [] : [whole])];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || Math.abs(most) || 1) * 0.04;
  const at = (value: number): string => `${((value - least + room) / (most - least + 2 * room)) * 100}%`;
  return (
    <div className="forest" role="img" aria-label={says}>
      {branches.map(({ name, value, low, high, beside }) => (
        <div key={name} className="branch">
          <span>{name}</span>
          <svg width="100%" height="22" aria-hidden="true">
            <line className="rail" x1="0" x2="100%" y1="11" y2="11" />
            {whole === undefined ? undefined : <line className="whole" x1={at(whole)} x2={at(whole)} y1="0" y2="22" />}
            <line className="whisker" x1={at(low)} x2={at(high)} y1="11" y2="11" />
            {beside === undefined ? undefined : <circle className="hollow" cx={at(beside)} cy="11" r="4" />}
            <circle cx={at(value)} cy="11" r="4.5" />
          </svg>
          <span className="value">{show(value)}</span>
        </div>
      ))}
      <p className="axis" aria-hidden="true">
        <span>{show(least)}</span>
        {whole === undefined ? undefined : <span>│ all rows {show(whole)}</span>}
        <span>{show(most)}</span>
      </p>
    </div>
  );
}
