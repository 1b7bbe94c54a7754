import { meaningOf } from '../parts/meaning.js';
import { span } from '../text.js';

/** One piece of work with its begin and end. */
export interface Stretch {
  readonly id: string;
  readonly state: string;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

/** Pieces of work on one scale of time: what waited for what, and where the time went. */
export function Stretches({ stretches, now }: { readonly stretches: readonly Stretch[]; readonly now: Date }) {
  const begun = stretches.flatMap(({ from }) => (from ? [from.getTime()] : []));
  const begin = Math.min(...begun);
  const end = Math.max(...stretches.map(({ from, to }) => (to ?? (from ? now : new Date(0))).getTime()), begin + 1);
  const at = (time: number): number => ((time - begin) / (end - begin)) * 100;
  return (
    <ol className="stretches" aria-label="Steps on a scale of time">
      {stretches.map(({ id, state, from, to }) => {
        const seconds = from ? ((to ?? now).getTime() - from.getTime()) / 1_000 : undefined;
        return (
          <li key={id} data-tone={meaningOf(state).tone}>
            <span>{id}</span>
            <svg width="100%" height="16" aria-hidden="true">
              <line className="rail" x1="0" x2="100%" y1="8" y2="8" />
              {from ? <rect x={`${at(from.getTime())}%`} y="3" height="10" rx="2" width={`${Math.max(0.6, at((to ?? now).getTime()) - at(from.getTime()))}%`} /> : undefined}
            </svg>
            <span className="value">{seconds === undefined ? '' : span(seconds)}</span>
          </li>
        );
      })}
    </ol>
  );
}
