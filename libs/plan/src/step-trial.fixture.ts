import type { ColumnType, Schema } from '@millrace/core';
import { expect } from 'vitest';
import { type FeedRow, fitPlan, type FittedPlan, fittedFromJson, fittedToJson, lowerPlan, parsePlan, toJs, toSql } from './index.js';
import { ParityChecker } from './parity-checker.js';

/** Values by column, all equally many. */
export type TrialColumns = Readonly<Record<string, readonly FeedRow[string][]>>;

export interface Trial {
  /** One step or more, as people write them. */
  readonly steps: readonly unknown[];
  readonly features: readonly string[];
  readonly training: TrialColumns;
  /** The rows to compute; the training rows unless given. */
  readonly served?: TrialColumns;
  /** Types of columns that are not FLOAT64. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** The training column that is the target. */
  readonly target?: string;
}

/** Fits steps on small columns and computes features in every rendering, which must agree bit for bit. Specs of kinds use it. */
export class StepTrial {
  private constructor(readonly checker: ParityChecker) {}

  static async open(): Promise<StepTrial> {
    return new StepTrial(await ParityChecker.open());
  }

  close(): void {
    this.checker.close();
  }

  async fit({ steps, features, training, types = {}, target }: Trial): Promise<FittedPlan> {
    const schema: Schema = Object.keys(training).map((name) => ({ name, type: types[name] ?? 'FLOAT64', nullable: true }));
    await this.checker.load('training', schema, rowsOf(training));
    const plan = parsePlan({ steps, features }, { inputs: schema });
    return fitPlan(plan, { relation: 'training', order: 'id', query: this.checker.query, ...(target !== undefined && { target }) });
  }

  /** The features by name, a number for each served row. */
  async features(trial: Trial): Promise<Readonly<Record<string, readonly number[]>>> {
    const fitted = await this.fit(trial);
    const again = fittedFromJson(fittedToJson(fitted));
    expect(again).toEqual(fitted);
    const { features } = lowerPlan(again);
    const rows = rowsOf(trial.served ?? trial.training);
    expect((await this.checker.differences({ schema: fitted.plan.inputs, rows, outputs: features })).slice(0, 3)).toEqual([]);
    const evaluate = toJs(fitted);
    const results = rows.map((row) => evaluate(row));
    return Object.fromEntries(features.map(({ name }, i) => [name, results.map((values) => values[i] ?? Number.NaN)]));
  }

  /** The features of the training rows as a model sees them in training. */
  async trainingFeatures(trial: Trial): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const fitted = await this.fit(trial);
    return this.checker.query(`SELECT * EXCLUDE (id) FROM (${toSql(fitted, 'training', { tail: ['id'], trainingOrder: 'id' })}) ORDER BY id`);
  }

  /** What becomes of a number column "v" in one step that keeps its name. */
  async numbers(step: unknown, { training, served = training }: { readonly training: readonly (number | null)[]; readonly served?: readonly (number | null)[] }): Promise<readonly number[]> {
    return (await this.features({ steps: [step], features: ['v'], training: { v: training }, served: { v: served } }))['v'] ?? [];
  }

  /** The state of the only step. */
  async state(trial: Trial): Promise<unknown> {
    return Object.values((await this.fit(trial)).states)[0];
  }
}

/** Columns as rows. */
function rowsOf(columns: TrialColumns): readonly FeedRow[] {
  const [first = []] = Object.values(columns);
  return first.map((_, i) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i] ?? null])));
}

/** Compares features with what others have computed: float32 values, missing where they are. */
export function expectClose(found: readonly number[] | undefined, wanted: readonly (number | null)[], relative = 1e-6): void {
  expect(found?.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const here = found?.[i] ?? Number.NaN;
    if (value === null) expect(here, `row ${i}`).toBeNaN();
    else expect(Math.abs(here - value), `row ${i}: ${here} for ${value}`).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value)));
  });
}
