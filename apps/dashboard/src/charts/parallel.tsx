import { useState } from 'react';
import { type Placed, scaleOf } from './scale.js';
import { Key, type Keyed } from './strokes.js';
import { useWidth } from './use-width.js';

/** One axis with the value of each line on it. */
export interface Axis {
  readonly name: string;
  readonly title: string;
  readonly values: readonly (Placed | undefined)[];
}

const HEIGHT = 280;
const SIDE = 14;
const TOP = 34;
const BOTTOM = 16;

/** Parallel coordinates: a line for each of `lines`, through its value on every axis; where it has none, it is left off. */
export function Parallel({ lines, axes, says }: { readonly lines: readonly Keyed[]; readonly axes: readonly Axis[]; readonly says: string }) {
  const [near, point] = useState<string>();
  const [place, width] = useWidth();
  const scales = axes.map(({ values }) => scaleOf(values));
  const x = (i: number): number => (axes.length === 1 ? width / 2 : SIDE + (i / (axes.length - 1)) * (width - 2 * SIDE));
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  return (
    <div className="curves" ref={place}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} role="img" aria-label={says}>
        {lines.map(({ id, stroke: { tone, dash } }, line) => (
          <g key={id} data-tone-of={tone} data-near={near === id || undefined} data-far={(near !== undefined && near !== id) || undefined} onPointerEnter={() => point(id)} onPointerLeave={() => point(undefined)}>
            {axes.slice(1).map((axis, i) => {
              const [from, to] = [scales[i]?.at(axes[i]?.values[line]), scales[i + 1]?.at(axis.values[line])];
              return from === undefined || to === undefined ? undefined : <polyline key={axis.name} points={`${x(i)},${y(from)} ${x(i + 1)},${y(to)}`} strokeDasharray={dash} />;
            })}
            {axes.map((axis, i) => {
              const at = scales[i]?.at(axis.values[line]);
              return at === undefined ? undefined : <circle key={axis.name} cx={x(i)} cy={y(at)} r="3.5" />;
            })}
          </g>
        ))}
        {axes.map(({ name, title }, i) => {
          const anchor = i === axes.length - 1 && i > 0 ? 'end' : 'start';
          const beside = anchor === 'end' ? -7 : 7;
          return (
            <g key={name}>
              <line className="post" x1={x(i)} x2={x(i)} y1={TOP} y2={HEIGHT - BOTTOM} />
              <text className="axis-title" x={x(i)} y={12 + (i % 2) * 13} textAnchor={i === 0 ? 'start' : i === axes.length - 1 ? 'end' : 'middle'}>{title}</text>
              {scales[i]?.ticks.map(({ at, text }) => (
                <text key={text} className="halo" x={x(i) + beside} y={y(at)} textAnchor={anchor} dominantBaseline="middle">{text}</text>
              ))}
            </g>
          );
        })}
      </svg>
      <Key lines={lines} near={near} onNear={point} />
    </div>
  );
}
