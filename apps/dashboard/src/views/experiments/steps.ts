/** The steps of curves that are looked at, both ends among them; undefined means as far as there are points. */
export interface Steps {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The first and the last of some steps. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

export const ALL_STEPS: Steps = { from: undefined, to: undefined };

/** The step that a text says, if it says one. */
export function stepIn(text: string): number | undefined {
  const step = text.trim() === '' ? Number.NaN : Number(text.trim().replace(/^−/, '-'));
  return Number.isSafeInteger(step) ? step : undefined;
}

/** The steps that two texts of an address or of fields say; what is no step is no end, and ends that are the wrong way round are turned. */
export function readSteps({ from, to }: { readonly from: string; readonly to: string }): Steps {
  const [one, other] = [stepIn(from), stepIn(to)];
  return one !== undefined && other !== undefined && one > other ? { from: other, to: one } : { from: one, to: other };
}

/** As an address holds them. */
export const writeSteps = ({ from, to }: Steps): { readonly from: string; readonly to: string } => ({ from: from === undefined ? '' : String(from), to: to === undefined ? '' : String(to) });

/** A share of what is drawn, from 0 to 1, as steps. */
export const stepsAt = ({ first, last }: Extent, [left, right]: readonly [number, number]): Steps => ({ from: Math.round(first + left * (last - first)), to: Math.round(first + right * (last - first)) });

export type Move = 'closer' | 'wider' | 'back' | 'on' | 'all';

/** Which steps are looked at after a move: half of them, twice as many, a quarter further back or on, or all; `whole` is as far as there are points. */
export function moved(steps: Steps, whole: Extent, move: Move): Steps {
  const [from, to] = [steps.from ?? whole.first, steps.to ?? whole.last];
  const quarter = Math.max(1, Math.round((to - from) / 4));
  const shifted = (by: number): Steps => (by === 0 ? steps : { from: from + by, to: to + by });
  const ways: Record<Move, () => Steps> = {
    closer: () => (to - from < 2 * quarter ? steps : { from: from + quarter, to: to - quarter }),
    wider: () => (from - 2 * quarter <= whole.first && to + 2 * quarter >= whole.last ? ALL_STEPS : { from: Math.max(whole.first, from - 2 * quarter), to: Math.min(whole.last, to + 2 * quarter) }),
    back: () => shifted(-Math.max(0, Math.min(quarter, from - whole.first))),
    on: () => shifted(Math.max(0, Math.min(quarter, whole.last - to))),
    all: () => ALL_STEPS,
  };
  return ways[move]();
}
