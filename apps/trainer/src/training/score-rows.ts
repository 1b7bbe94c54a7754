import type { FeedColumn } from '@millrace/plan';
import { feedColumns } from '@millrace/plan';
import type { Scorer } from '@millrace/scoring';

/** Rows that are packed at once: their matrices stay small, and progress is told between. */
const ROWS_A_TURN = 8_192;

/** Scores rows with a packed artefact, the very one that will serve. */
export async function scoreRows(scorer: Scorer, columns: readonly FeedColumn[], { rows, signal, onProgress }: { readonly rows: number; readonly signal: AbortSignal; readonly onProgress: (done: number) => void }): Promise<Float64Array> {
  const scores = new Float64Array(rows);
  for (let start = 0; start < rows; start += ROWS_A_TURN) {
    signal.throwIfAborted();
    const end = Math.min(rows, start + ROWS_A_TURN);
    const piece = columns.map(({ name, values, nulls }): FeedColumn => ({ name, values: part(values, start, end), ...(nulls ? { nulls: nulls.subarray(start, end) } : {}) }));
    scores.set(await scorer.score(feedColumns(scorer.layout, piece, end - start)), start);
    onProgress(end);
  }
  return scores;
}

function part(values: FeedColumn['values'], start: number, end: number): FeedColumn['values'] {
  return (values as { slice(start: number, end: number): FeedColumn['values'] }).slice(start, end);
}
