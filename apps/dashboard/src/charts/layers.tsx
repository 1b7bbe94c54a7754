/** What is stacked in every bar, from below. */
export interface Layer {
  readonly name: string;
  /** How it is filled: by what it means, or by its rank among its like. */
  readonly fill: 'bad' | 'watch' | 'first' | 'second' | 'third' | 'rest';
  /** One a bar. */
  readonly values: readonly number[];
}

const HEIGHT = 130;

/** Counts over time as bars, layer upon layer, with the highest bar told. */
export function Layers({ layers, from, to, says }: { readonly layers: readonly Layer[]; readonly from: string; readonly to: string; readonly says: string }) {
  const bars = layers[0]?.values.length ?? 0;
  const sums = Array.from({ length: bars }, (_, i) => layers.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const most = Math.max(...sums, 1);
  const each = 100 / Math.max(bars, 1);
  const below = (layer: number, bar: number): number => layers.slice(0, layer).reduce((sum, { values }) => sum + (values[bar] ?? 0), 0);
  return (
    <div className="layers">
      <p className="axis most" aria-hidden="true">
        <span>{most.toLocaleString('en-GB')}</span>
      </p>
      <svg width="100%" height={HEIGHT} role="img" aria-label={says}>
        <line className="rail" x1="0" x2="100%" y1={HEIGHT} y2={HEIGHT} />
        {layers.flatMap(({ name, fill, values }, layer) =>
          values.map((value, bar) => {
            if (value === 0) return undefined;
            const height = Math.max(1, (value / most) * HEIGHT);
            return <rect key={`${name} ${bar}`} data-fill={fill} x={`${bar * each}%`} width={`${each * 0.82}%`} y={HEIGHT - (below(layer, bar) / most) * HEIGHT - height} height={height} />;
          }),
        )}
      </svg>
      <p className="axis" aria-hidden="true">
        <span>{from}</span>
        <span>{to}</span>
      </p>
      <ul className="legend" aria-hidden="true">
        {layers.map(({ name, fill, values }) => (
          <li key={name}>
            <i data-fill={fill} />
            {name} {values.reduce((sum, value) => sum + value, 0).toLocaleString('en-GB')}
          </li>
        ))}
      </ul>
    </div>
  );
}
