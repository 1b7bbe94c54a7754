import type { RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { fixed, METRICS } from '../text.js';

/** One model of a ladder on one metric, with its interval where there is one. */
export interface Mark {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The one that it is all about. */
  readonly chosen: boolean;
}

/** The rungs of an evaluation on one metric, in the order of the ladder. */
export const marksOf = (rungs: readonly RungReport[], metric: string, chosen: string): readonly Mark[] =>
  rungs.flatMap(({ rung, metrics }) => {
    const found = metrics.find((estimate) => estimate.metric === metric);
    return found ? [{ name: rung, value: found.value, low: found.low, high: found.high, chosen: rung === chosen }] : [];
  });

/** Without an interval both ends are where the value is, or nowhere. */
const hasInterval = ({ low, high }: Mark): boolean => high > low;

/** The ladder as dots with intervals on one scale; better is always to the right. */
export function Ladder({ metric, marks }: { readonly metric: string; readonly marks: readonly Mark[] }) {
  const ends = marks.flatMap((mark) => (hasInterval(mark) ? [mark.low, mark.high] : [mark.value]));
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const room = (most - least || Math.abs(most) || 1) * 0.08;
  const more = METRICS[metric]?.more ?? true;
  const at = (value: number): string => {
    const share = (value - least + room) / (most - least + 2 * room);
    return `${(more ? share : 1 - share) * 100}%`;
  };
  return (
    <div className="ladder" role="img" aria-label={marks.map(({ name, value }) => `${name} ${fixed(value)}`).join(', ')}>
      {marks.map((mark) => (
        <div key={mark.name} className="rung" data-chosen={mark.chosen || undefined}>
          <span>{mark.name}</span>
          <svg width="100%" height="28" aria-hidden="true">
            <line className="rail" x1="0" x2="100%" y1="14" y2="14" />
            {hasInterval(mark) ? <line className="whisker" x1={at(mark.low)} x2={at(mark.high)} y1="14" y2="14" /> : undefined}
            <circle cx={at(mark.value)} cy="14" r={mark.chosen ? 6 : 4.5} />
          </svg>
          <span className="value">{fixed(mark.value)}</span>
        </div>
      ))}
      <p className="axis" aria-hidden="true">
        <span>worse</span>
        <span>better →</span>
      </p>
    </div>
  );
}
