import { UnitSquare, x, y } from './unit-square.js';

/** A point of a curve: both of its numbers lie between 0 and 1. */
export type Place = readonly [x: number, y: number];

/** One curve with its name. */
export interface Line {
  readonly name: string;
  readonly points: readonly Place[];
  /** What stands behind its name. */
  readonly says: string;
  /** The one that it is all about. */
  readonly chosen: boolean;
}

const path = (points: readonly Place[]): string => points.map(([across, up], i) => `${i === 0 ? 'M' : 'L'}${x(across).toFixed(2)} ${y(up).toFixed(2)}`).join('');

/** Curves in the unit square, with the line of chance; those that are not chosen are told apart by their dashes. */
export function Curve({ lines, chance, across, up, says }: { readonly lines: readonly Line[]; readonly chance: readonly Place[]; readonly across: string; readonly up: string; readonly says: string }) {
  return (
    <div className="curve">
      <UnitSquare across={across} up={up} says={says}>
        <path className="chance" d={path(chance)} />
        {lines.map(({ name, points, chosen }, i) => (
          <path key={name} className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : i % 4} d={path(points)} />
        ))}
      </UnitSquare>
      <ul className="legend" aria-hidden="true">
        {lines.map(({ name, says: figure, chosen }, i) => (
          <li key={name} data-chosen={chosen || undefined}>
            <svg width="26" height="8"><path className="trace" data-chosen={chosen || undefined} data-dash={chosen ? undefined : i % 4} d="M0 4L26 4" /></svg>
            {name} {figure}
          </li>
        ))}
      </ul>
    </div>
  );
}
