import { type KeyboardEvent, memo, type PointerEvent, useMemo, useState } from 'react';
import { nearestLine } from './nearest.js';
import { scaleOf } from './scale.js';
import { Key, type Keyed, type Stroke } from './strokes.js';
import { type Part, useStretch } from './use-stretch.js';
import { useWidth } from './use-width.js';

/** A line through points, by step. */
export interface Curve extends Keyed {
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

const HEIGHT = 260;
const LEFT = 58;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
/** A line through more points than this is drawn finer. */
const DENSE = 500;

interface Parts {
  readonly curves: readonly Curve[];
  readonly says: string;
  /** A part of the picture was dragged across, to be seen closer. */
  readonly onPart: (part: Part) => void;
  /** A key was pressed while the picture has the focus. */
  readonly onKey: (event: KeyboardEvent) => void;
  /** Which keys do something, for those who hear it. */
  readonly keys: string;
}

/** Curves on one scale of steps and one of values; a point that is no number leaves a gap. */
export function Curves({ curves, says, onPart, onKey, keys }: Parts) {
  const [near, point] = useState<string>();
  const [place, width] = useWidth();
  const { across, up, lines } = useMemo(() => placed(curves, width), [curves, width]);
  const { stretch, ways } = useStretch({ left: LEFT, right: width - RIGHT, width }, onPart);
  const seek = (event: PointerEvent<SVGSVGElement>): void => {
    ways.onPointerMove(event);
    if (stretch) return;
    const box = event.currentTarget.getBoundingClientRect();
    point(nearestLine(lines, ((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * HEIGHT));
  };
  const stands = lines.find(({ id }) => id === near);
  const size = { viewBox: `0 0 ${width} ${HEIGHT}`, width };
  return (
    <div className="curves" ref={place}>
      {/* In layers: the browser draws thousands of points once, and then only the line that stands out. */}
      <div className="closer" role="group" tabIndex={0} aria-label={keys} onKeyDown={onKey}>
        <svg {...size} role="img" aria-label={says}>
          {up.map(({ at, text }) => (
            <g key={text}>
              <line className="rail" x1={LEFT} x2={width - RIGHT} y1={at} y2={at} />
              <text x={LEFT - 8} y={at} textAnchor="end" dominantBaseline="middle">{text}</text>
            </g>
          ))}
          {across.map(({ at, text }) => (
            <text key={text} x={at} y={HEIGHT - 6} textAnchor="middle">{text}</text>
          ))}
        </svg>
        <div className="layer" data-far={stands ? true : undefined}>
          <svg {...size} aria-hidden="true">
            <Lines lines={lines} />
          </svg>
        </div>
        <div className="layer">
          <svg {...size} aria-hidden="true" className="over" {...ways} onPointerMove={seek} onPointerLeave={() => point(undefined)}>
            <rect className="ground" x={LEFT} y={TOP} width={width - LEFT - RIGHT} height={HEIGHT - TOP - BOTTOM} />
            {stands ? (
              <g data-near>
                <Lines lines={[stands]} />
              </g>
            ) : undefined}
            {stretch ? <rect className="stretch" x={stretch[0]} y={TOP} width={stretch[1] - stretch[0]} height={HEIGHT - TOP - BOTTOM} /> : undefined}
          </svg>
        </div>
      </div>
      <Key lines={curves} near={near} onNear={point} />
    </div>
  );
}

interface DrawnLine {
  readonly id: string;
  readonly stroke: Stroke;
  /** Every point that is a number. */
  readonly places: readonly (readonly [x: number, y: number])[];
  /** The parts between points that are none; one with a single point is a dot. */
  readonly parts: readonly (readonly (readonly [x: number, y: number])[])[];
}

const Lines = memo(function Lines({ lines }: { readonly lines: readonly DrawnLine[] }) {
  return lines.map(({ id, stroke: { tone, dash }, places, parts }) => (
    <g key={id} data-tone-of={tone} data-dense={places.length > DENSE || undefined}>
      {parts.map((part, i) => (part.length === 1 ? <circle key={i} cx={part[0]?.[0]} cy={part[0]?.[1]} r="4" /> : <polyline key={i} points={part.map((at) => at.join(',')).join(' ')} strokeDasharray={dash} />))}
    </g>
  ));
});

const tenth = (pixels: number): number => Math.round(pixels * 10) / 10;

/** Where everything stands in a picture so wide. */
function placed(curves: readonly Curve[], width: number) {
  const points = curves.flatMap((curve) => curve.points);
  const [steps, values] = [scaleOf(points.map(({ step }) => step)), scaleOf(points.map(({ value }) => value))];
  const x = (share: number): number => LEFT + share * (width - LEFT - RIGHT);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const at = ({ step, value }: Curve['points'][number]) => [tenth(x(steps.at(step) ?? 0)), tenth(y(values.at(value) ?? 0))] as const;
  return {
    across: steps.ticks.map((tick) => ({ at: x(tick.at), text: tick.text })),
    up: values.ticks.map((tick) => ({ at: y(tick.at), text: tick.text })),
    lines: curves.map(({ id, stroke, points: own }): DrawnLine => {
      const parts = stretches(own).map((part) => part.map(at));
      return { id, stroke, parts, places: parts.flat() };
    }),
  };
}

/** The parts of a curve between values that are no numbers. */
function stretches(points: Curve['points']): readonly Curve['points'][] {
  const parts: { step: number; value: number }[][] = [[]];
  for (const each of points) {
    if (Number.isFinite(each.value)) parts.at(-1)?.push(each);
    else parts.push([]);
  }
  return parts.filter(({ length }) => length > 0);
}
