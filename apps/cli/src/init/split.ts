import type { ColumnProfile } from '@millrace/contracts/millrace/ingestion/v1/dataset';

/** How training and evaluation are told apart: by time, or at random where all rows are of one time. */
export type DraftSplit = { readonly by: 'time'; readonly evaluate: string; readonly train: string; readonly window: string } | { readonly by: 'random'; readonly window: string };

const MICROS = { d: 86_400_000_000, h: 3_600_000_000, m: 60_000_000, s: 1_000_000 } as const;
/** A length is told in the largest unit of which it has so many. */
const ENOUGH = 8;

/** A split by which about the newest quarter of the rows evaluates and all others train. */
export function draftSplit({ min, max, quantiles = [] }: Partial<ColumnProfile> = {}): DraftSplit {
  const upper = quantiles[4];
  if (min === undefined || max === undefined || upper === undefined || upper <= min || upper >= max) return { by: 'random', window: '7d' };
  const unit = (Object.keys(MICROS) as (keyof typeof MICROS)[]).find((each) => Math.min(max - upper, upper - min) >= ENOUGH * MICROS[each]);
  if (unit === undefined) return { by: 'random', window: '7d' };
  const [evaluate, all] = [Math.ceil((max - upper) / MICROS[unit]), Math.ceil((max - min) / MICROS[unit]) + 1];
  return { by: 'time', evaluate: `${evaluate}${unit}`, train: `${all - evaluate}${unit}`, window: max - min > 60 * MICROS.d ? '7d' : '1d' };
}

/** How rows are told apart, for people. */
export const splitText = (split: DraftSplit): string => (split.by === 'time' ? `split by time: the newest ${split.evaluate} evaluate, the ${split.train} before them train` : 'split at random: the times of the rows do not tell them apart');
