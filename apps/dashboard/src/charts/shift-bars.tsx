import type { Tone } from '../parts/meaning.js';

/** How far one thing moved. */
export interface Shift {
  readonly name: string;
  readonly value: number;
  readonly tone: Tone;
}

/** Distances as bars on one scale, with the limits from which a person should look; a bar beyond the scale ends at its edge with an arrow. */
export function ShiftBars({ shifts, limits, show }: { readonly shifts: readonly Shift[]; readonly limits: readonly number[]; readonly show: (value: number) => string }) {
  const end = Math.max(...limits) * 2;
  const at = (value: number): string => `${Math.min(value / end, 1) * 100}%`;
  return (
    <div className="shifts" role="img" aria-label={shifts.map(({ name, value }) => `${name} ${show(value)}`).join(', ')}>
      {shifts.map(({ name, value, tone }) => (
        <div key={name} data-tone={tone}>
          <span title={name}>{name}</span>
          <svg width="100%" height="18" aria-hidden="true">
            {limits.map((limit) => (
              <line key={limit} className="limit" x1={at(limit)} x2={at(limit)} y1="0" y2="18" />
            ))}
            <rect x="0" y="4" height="10" rx="1" width={`max(2px, ${at(value)})`} />
          </svg>
          <span className="value">
            {show(value)}
            {value > end ? ' →' : ''}
          </span>
        </div>
      ))}
      <p className="axis" aria-hidden="true">
        <span>0</span>
        <span>
          ┄ {limits.join(', ')} · scale ends at {end}
        </span>
      </p>
    </div>
  );
}
