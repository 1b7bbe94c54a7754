import { categoryReference, type ColumnReference, makeReference, numericReference, type Reference } from '@millrace/ml';
import type { Signature } from '@millrace/scoring';
import type { ColumnData } from '@millrace/tables';
import type { TrainingData } from './training-data.js';

/** What the evaluation rows looked like: what a monitor compares later windows with. Rungs share the columns, so each is counted once. */
export class EvaluationReferences {
  readonly #columns = new Map<string, ColumnReference>();

  constructor(private readonly data: TrainingData) {}

  /** The reference of a model's inputs and scores. */
  async of({ inputs }: Signature, scores: Float64Array): Promise<Reference> {
    const names = inputs.map(({ name }) => name);
    for (const column of await this.data.columns('evaluation', names.filter((name) => !this.#columns.has(name)))) this.#columns.set(column.name, referenceOfColumn(column));
    return makeReference(names.flatMap((name) => this.#columns.get(name) ?? []), numericReference('score', scores));
  }
}

function referenceOfColumn({ name, type, values, nulls }: ColumnData): ColumnReference {
  const isMissing = (row: number): boolean => nulls?.[row] === 1;
  if (type === 'STRING') return categoryReference(name, (values as readonly string[]).map((value, row) => (isMissing(row) ? undefined : value)));
  return numericReference(name, Float64Array.from({ length: values.length }, (_, row) => (isMissing(row) ? Number.NaN : Number(values[row]))));
}
