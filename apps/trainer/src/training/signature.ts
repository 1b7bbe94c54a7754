import type { Column } from '@millrace/core';
import type { FittedPlan } from '@millrace/plan';
import type { Signature, SignatureInput } from '@millrace/scoring';
import { engine, ident } from '@millrace/tables';
import type { TrainingData } from './training-data.js';

/** With more values than this a text column is not listed. */
export const MAX_CATEGORIES = 2_000;

/** What goes into a model, with what the training rows hold of it: those that the plan leaves, so that a guard can tell the others. */
export async function signatureOf(inputs: readonly Column[], { data, fitted, eventTime }: { readonly data: TrainingData; readonly fitted: FittedPlan; readonly eventTime: string }): Promise<Signature> {
  const described: SignatureInput[] = [];
  for (const { name, type } of inputs) {
    const column = ident(name);
    const bounds = type === 'INT64' || type === 'FLOAT64' ? [`min(${column}) FILTER (${engine.isFinite(column)})`, `max(${column}) FILTER (${engine.isFinite(column)})`] : type === 'TIMESTAMP' ? [engine.micros(`min(${column})`), engine.micros(`max(${column})`)] : ['NULL', 'NULL'];
    const [min, max, missing] = await data.figures([...bounds, `count(*) FILTER (${column} IS NULL)`], fitted);
    const values = type === 'STRING' ? await data.values(name, { most: MAX_CATEGORIES, fitted }) : undefined;
    described.push({
      name,
      type,
      nullable: Number(missing) > 0,
      min: min === undefined || min === null ? undefined : Number(min),
      max: max === undefined || max === null ? undefined : Number(max),
      categories: values !== undefined && values.length <= MAX_CATEGORIES ? values : undefined,
    });
  }
  return { inputs: described, output: 'score', eventTime: inputs.some(({ name }) => name === eventTime) ? eventTime : '' };
}
