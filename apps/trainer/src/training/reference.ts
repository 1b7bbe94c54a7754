import { categoryReference, type ColumnReference, makeReference, numericReference, type Reference } from '@millrace/ml';
import type { Signature } from '@millrace/scoring';
import type { ColumnData } from '@millrace/tables';
import type { TrainingData } from './training-data.js';

/** What inputs and scores looked like on the evaluation rows: what a monitor compares later windows with. */
export async function referenceOf({ inputs }: Signature, { data, scores }: { readonly data: TrainingData; readonly scores: Float64Array }): Promise<Reference> {
  const columns = await data.columns('evaluation', inputs.map(({ name }) => name));
  return makeReference(columns.map(referenceOfColumn), numericReference('score', scores));
}

function referenceOfColumn({ name, type, values, nulls }: ColumnData): ColumnReference {
  const isMissing = (row: number): boolean => nulls?.[row] === 1;
  if (type === 'STRING') return categoryReference(name, (values as readonly string[]).map((value, row) => (isMissing(row) ? undefined : value)));
  return numericReference(name, Float64Array.from({ length: values.length }, (_, row) => (isMissing(row) ? Number.NaN : Number(values[row]))));
}
