/** What decides the side of a row; by time where it is not said. */
export interface SplitRule {
  readonly by?: 'time' | 'group' | 'random';
  /** The column of a split by group. */
  readonly column?: string;
}

/** Training comes first, evaluation later: bounds in microseconds since 1970; `to` is exclusive. */
export interface TimeSplit {
  readonly by?: 'time';
  readonly trainFrom: bigint;
  readonly trainTo: bigint;
  readonly evaluateFrom: bigint;
  readonly evaluateTo: bigint;
}

/** A hash decides the side, of whole groups or of each row. */
export interface DrawnSplit {
  readonly by: 'group' | 'random';
  readonly column: string;
  /** Share of the groups, or of the rows, that evaluate. */
  readonly share: number;
  readonly seed: number;
  /** Bounds of all rows in microseconds; without the first one, from the first row on. */
  readonly from?: bigint;
  readonly to: bigint;
}

export type Split = TimeSplit | DrawnSplit;

export const isDrawn = (split: Split): split is DrawnSplit => split.by === 'group' || split.by === 'random';

/** What contradicts itself in a split, in words; undefined where nothing does. */
export function faultOfSplit(split: Split, columns: ReadonlySet<string>): string | undefined {
  if (isDrawn(split)) {
    if (!(split.share > 0 && split.share < 1)) return 'evaluate_share must lie between 0 and 1';
    if (split.by === 'group' && !columns.has(split.column)) return `the training set has no column "${split.column}"`;
    return split.from !== undefined && split.from >= split.to ? 'the rows end before they begin' : undefined;
  }
  const { trainFrom, trainTo, evaluateFrom, evaluateTo } = split;
  if (trainFrom >= trainTo) return 'the training split ends before it begins';
  if (evaluateFrom >= evaluateTo) return 'the evaluation split ends before it begins';
  return trainTo > evaluateFrom ? 'the training split reaches into the evaluation split; a model must be judged on rows that come later' : undefined;
}
