/** A figure over time; where there was none, its thread is cut. */
export interface Thread {
  readonly name: string;
  readonly chosen: boolean;
  readonly values: readonly (number | undefined)[];
}

const HEIGHT = 130;
const EDGE = 4;

/** Positive figures over time on a scale of tenfold steps, as latencies need it; those that are not chosen are told apart by their dashes. */
export function Threads({ threads, from, to, says, show }: { readonly threads: readonly Thread[]; readonly from: string; readonly to: string; readonly says: string; readonly show: (value: number) => string }) {
  const powers = threads.flatMap(({ values }) => values.flatMap((value) => (value === undefined || value <= 0 ? [] : [Math.log10(value)])));
  const [least, most] = [Math.floor(Math.min(...powers)), Math.max(Math.ceil(Math.max(...powers)), Math.floor(Math.min(...powers)) + 1)];
  const bars = threads[0]?.values.length ?? 0;
  const x = (i: number): number => ((i + 0.41) / Math.max(bars, 1)) * 1_000;
  const y = (value: number): number => EDGE + (1 - (Math.log10(value) - least) / (most - least)) * (HEIGHT - 2 * EDGE);
  const steps = Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i));
  return (
    <div className="threads">
      <div className="steps" style={{ height: HEIGHT }}>
        {steps.map((step) => (
          <span key={step} aria-hidden="true" style={{ top: y(step) }}>
            {show(step)}
          </span>
        ))}
        <svg width="100%" height={HEIGHT} viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={says}>
          {steps.map((step) => (
            <line key={step} className="rail" x1="0" x2="1000" y1={y(step)} y2={y(step)} vectorEffect="non-scaling-stroke" />
          ))}
          {threads.map(({ name, chosen, values }, rank) => (
            <path key={name} className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : rank} d={pathOf(values, x, y)} vectorEffect="non-scaling-stroke" />
          ))}
        </svg>
      </div>
      <p className="axis" aria-hidden="true">
        <span>{from}</span>
        <span>{to}</span>
      </p>
      <ul className="legend" aria-hidden="true">
        {threads.map(({ name, chosen }, rank) => (
          <li key={name} data-chosen={chosen || undefined}>
            <svg width="26" height="8"><path className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : rank} d="M0 4L26 4" /></svg>
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A path through what is there; a lone figure is a short dash. */
function pathOf(values: readonly (number | undefined)[], x: (i: number) => number, y: (value: number) => number): string {
  return values.map((value, i) => (value === undefined ? '' : values[i - 1] === undefined ? `M${(x(i) - 2).toFixed(1)} ${y(value).toFixed(2)}L${(x(i) + 2).toFixed(1)} ${y(value).toFixed(2)}` : `L${x(i).toFixed(1)} ${y(value).toFixed(2)}`)).join('');
}
