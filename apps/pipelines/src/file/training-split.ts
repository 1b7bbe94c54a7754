import { z } from 'zod';
import { duration } from './duration.js';

/** The last rows evaluate, those before them train; lengths in microseconds. */
export interface TimeSplit {
  readonly by?: undefined;
  readonly evaluate: number;
  readonly train: number;
  /** Left out between the two, so that outcomes of training rows are known when the evaluation begins. */
  readonly gap?: number;
}

/** Rows are drawn by a hash: whole groups, or each row by itself. */
export interface DrawnSplit {
  readonly by: 'group' | 'random';
  /** The column of a split by group. */
  readonly column: string;
  /** Share of the groups, or of the rows, that evaluate. */
  readonly evaluate: number;
  readonly seed: number;
}

const evaluate = z.union([duration.transform((micros) => ({ micros, share: undefined })), z.number().transform((share) => ({ micros: undefined, share }))], { error: 'must be a number and a unit, such as 90m, 24h or 7d (us, ms, s, m, h, d, w), or a share such as 0.2 for a split by group or random' });

/** How training and evaluation are told apart: by time unless it says otherwise. */
export const trainingSplit = z
  .strictObject({ by: z.enum(['time', 'group', 'random']).optional(), evaluate, train: duration.optional(), gap: duration.optional(), column: z.string().min(1).max(128).optional(), seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional() })
  .transform(({ by = 'time', evaluate: { micros = 0, share = 0 }, train, gap, column, seed }, context): TimeSplit | DrawnSplit => {
    const fault = (path: string, message: string): never => {
      context.addIssue({ code: 'custom', path: [path], message });
      return z.NEVER;
    };
    if (by === 'time') {
      if (micros === 0) return fault('evaluate', 'a split by time takes a length of time, such as 7d');
      if (train === undefined) return fault('train', 'is missing; say how long before the evaluation training begins, such as 60d');
      if (column !== undefined) return fault('column', 'only a split by group takes a column');
      if (seed !== undefined) return fault('seed', 'a split by time draws nothing');
      return { evaluate: micros, train, ...(gap === undefined ? {} : { gap }) };
    }
    if (!(share > 0 && share < 1)) return fault('evaluate', `a split by ${by} takes a share between 0 and 1, such as 0.2`);
    if (train !== undefined) return fault('train', 'only a split by time takes it: all rows that do not evaluate train');
    if (gap !== undefined) return fault('gap', 'only a split by time takes it');
    if (by === 'group' && column === undefined) return fault('column', 'is missing; name the column of the group');
    if (by === 'random' && column !== undefined) return fault('column', 'only a split by group takes a column');
    return { by, column: column ?? '', evaluate: share, seed: seed ?? 0 };
  });
