import type { Schema } from '@millrace/core';
import { resample } from '@millrace/ml';
import { checkPlan, columnsOf, drawRows, type FeedCell, type FeedRow, fitPlan, type FittedPlan, fittedFromJson, fittedToJson, KINDS, type LeakContext, lowerPlan, parsePlan, type Plan, resamplings, samplings, toJs, toLeftOutSql, toSql } from '@millrace/plan';
import type { ParityChecker } from '@millrace/plan/parity-checker';
import { type ColumnData, engine, ident, type Tables, toDuckdbType } from '@millrace/tables';
import { expect } from 'vitest';

/** Rows that a version keeps. */
export interface KeptRows {
  readonly schema: Schema;
  /** What stands after FROM; undefined where none was kept. */
  readonly relation: string | undefined;
  readonly rows: number;
}

const ROW = '__millrace_row';
/** A target that the file does not have: every third row. */
export const LATE = '__millrace_late';
const TRAINING = 'training_rows';
/** Rows that are also computed one by one. */
const SINGLES = 5;

/** Takes kept rows through a plan as training and serving do, and holds every step to what it announced. Throws what the plan is refused with. */
export class PlanTrial {
  constructor(private readonly tables: Tables, private readonly checker: ParityChecker) {}

  /** Gives the plan as it ran. */
  async run(json: unknown, { kept, context }: { readonly kept: KeptRows; readonly context: LeakContext }): Promise<Plan> {
    await this.#number(kept);
    const plan = parsePlan(json, { inputs: await this.#held(kept.schema) });
    checkPlan(plan, context);
    await this.#draw(plan, kept);
    const target = kept.schema.some(({ name, type }) => name === context.target && (type === 'BOOL' || type === 'INT64' || type === 'FLOAT64')) ? context.target : LATE;
    const fitted = await fitPlan(plan, { relation: TRAINING, order: ROW, target, query: (sql) => this.tables.rows(sql), keep: (sql) => this.#keep(sql) });
    const again = fittedFromJson(fittedToJson(fitted));
    expect(again).toEqual(fitted);
    const served = await this.#served(again, await this.#count(TRAINING));
    await this.#trained(again, served);
    return plan;
  }

  async #number({ schema, relation }: KeptRows): Promise<void> {
    const nothing = `(SELECT ${schema.map(({ name, type }) => `CAST(NULL AS ${toDuckdbType(type)}) AS ${ident(name)}`).join(', ')} LIMIT 0)`;
    await this.tables.run(`CREATE TABLE ${TRAINING} AS SELECT *, row_number() OVER () AS ${ROW}, (row_number() OVER ()) % 3 = 1 AS ${LATE} FROM ${relation ?? nothing}`);
  }

  /** A column that is said to have no missing cell must have none: what a plan announces stands on that. */
  async #held(schema: Schema): Promise<Schema> {
    const [row] = await this.tables.rows<Record<string, boolean>>(`SELECT ${schema.map(({ name }, i) => `count(*) > count(${ident(name)}) AS c${i}`).join(', ')} FROM ${TRAINING}`);
    expect(schema.filter(({ nullable }, i) => !nullable && row?.[`c${i}`] === true)).toEqual([]);
    return schema;
  }

  /** Draws the plan's samples; what they tell of must be what they did. */
  async #draw(plan: Plan, { schema, rows }: KeptRows): Promise<void> {
    let before = rows;
    expect(await this.#count(TRAINING)).toBe(rows);
    for (const [place, sampling] of samplings(plan).entries()) {
      const { relation, record } = await drawRows({ relation: TRAINING, order: ROW, columns: schema.map(({ name }) => name), query: (sql) => this.tables.rows(sql) }, sampling, { place });
      await this.tables.run(`CREATE TABLE drawn AS SELECT * FROM ${relation} ORDER BY ${ROW}`);
      await this.tables.run(`DROP TABLE ${TRAINING}`);
      await this.tables.run(`ALTER TABLE drawn RENAME TO ${TRAINING}`);
      expect([record.rowsBefore, record.rows]).toEqual([before, await this.#count(TRAINING)]);
      const sums = record.strata?.reduce<readonly [number, number]>(([a, b], stratum) => [a + stratum.rowsBefore, b + stratum.rows], [0, 0]);
      if (sums) expect(sums).toEqual([before, record.rows]);
      if (record.groups) expect(record.groups[1]).toBeLessThanOrEqual(record.groups[0]);
      before = record.rows;
    }
  }

  /** Every row comes out, with the announced columns, and the same bits in a batch and alone. */
  async #served(fitted: FittedPlan, rows: number): Promise<readonly Float32Array[]> {
    const { plan } = fitted;
    const { features } = lowerPlan(fitted);
    const batch = await this.#features(`SELECT ${engine.allBut([ROW])} FROM (${toSql(fitted, TRAINING, { tail: [ROW] })}) ORDER BY ${ROW}`, { names: features.map(({ name }) => name), rows });
    const announced = columnsOf(plan);
    for (const name of plan.features) {
      const column = announced.get(name);
      expect(column?.type, name).toMatch(/^(?:BOOL|INT64|FLOAT64)$/);
      const place = features.findIndex((feature) => feature.name === name);
      if (column?.family) continue;
      expect(features.filter((feature) => feature.name === name), name).toHaveLength(1);
      if (column?.nullable === false) expect(batch.findIndex((row) => Number.isNaN(row[place])), `the row in which ${name} is missing, which is announced as never missing`).toBe(-1);
    }
    const given = await this.#rows(plan.inputs);
    const evaluate = toJs(fitted);
    given.forEach((row, i) => expect(bits(evaluate(row)), `row ${i} alone and in the batch`).toEqual(bits(batch[i] ?? Float32Array.of())));
    const some = given.slice(0, SINGLES);
    if (some.length > 0) expect((await this.checker.differences({ schema: plan.inputs, rows: some, outputs: features })).slice(0, 3)).toEqual([]);
    return batch;
  }

  /** Training sees the same rows but for those that a step has left out, which are counted. */
  async #trained(fitted: FittedPlan, served: readonly Float32Array[]): Promise<void> {
    const { plan } = fitted;
    const left = toLeftOutSql(fitted, TRAINING, { tail: [ROW], trainingOrder: ROW });
    const rules = left ? (await this.tables.rows<{ rule: number | undefined }>(`SELECT rule FROM (${left.sql}) ORDER BY ${ROW}`)).map(({ rule }) => rule) : served.map(() => undefined);
    expect(rules.length).toBe(served.length);
    for (const rule of rules) if (rule !== undefined) expect(left?.rules[rule]?.step, 'the step that leaves a row out').toMatch(/^step "/);
    const stay = served.filter((_, i) => rules[i] === undefined);
    const names = lowerPlan(fitted).features.map(({ name }) => name);
    const trained = await this.#features(`SELECT ${engine.allBut([ROW])} FROM (${toSql(fitted, TRAINING, { tail: [ROW], trainingOrder: ROW })}) ORDER BY ${ROW}`, { names, rows: stay.length });
    const learnsFromTarget = plan.steps.some(({ kind, options }) => KINDS[kind]?.readsTarget?.(options) === true);
    if (!learnsFromTarget) expect(trained.map(bits)).toEqual(stay.map(bits));
    await balanced(plan, trained, names);
  }

  async #features(sql: string, { names, rows }: { readonly names: readonly string[]; readonly rows: number }): Promise<readonly Float32Array[]> {
    const columns = await this.tables.columns(sql);
    // Names that differ in case alone are the engine's to mend: features go by their place.
    expect(columns.map(({ name }) => name), names.join(', ')).toHaveLength(names.length);
    for (const { name, values } of columns) expect([name, values instanceof Float32Array, values.length]).toEqual([name, true, rows]);
    return Array.from({ length: rows }, (_, row) => Float32Array.from(columns, ({ values, nulls }) => (nulls?.[row] === 1 ? Number.NaN : Number(values[row]))));
  }

  async #rows(schema: Schema): Promise<readonly FeedRow[]> {
    if (schema.length === 0) return [];
    const columns = await this.tables.columns(`SELECT ${schema.map(({ name }) => ident(name)).join(', ')} FROM ${TRAINING} ORDER BY ${ROW}`);
    return Array.from({ length: columns[0]?.values.length ?? 0 }, (_, row) => Object.fromEntries(columns.map((column) => [column.name, cellOf(column, row)])));
  }

  async #keep(sql: string): Promise<string> {
    const [found] = await this.tables.rows<{ found: bigint }>("SELECT count(*) AS found FROM duckdb_tables() WHERE table_name LIKE 'found_%'");
    const name = `found_${found?.found ?? 0n}`;
    await this.tables.run(`CREATE TABLE ${name} AS ${sql}`);
    return name;
  }

  async #count(relation: string): Promise<number> {
    const [row] = await this.tables.rows<{ rows: bigint }>(`SELECT count(*) AS rows FROM ${relation}`);
    return Number(row?.rows);
  }
}

/** Both NULL and NaN are missing; −0 is not 0. */
const bits = (values: Float32Array): readonly number[] => [...new Uint32Array(Float32Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : value)).buffer)];

function cellOf({ type, values, nulls }: ColumnData, row: number): FeedCell {
  const value = values[row];
  if (nulls?.[row] === 1 || value === undefined) return null;
  return type === 'BOOL' ? value === 1 : value;
}

/** Balances the rows as the plan asks where there are both classes. */
async function balanced(plan: Plan, rows: readonly Float32Array[], names: readonly string[]): Promise<void> {
  const target = Uint8Array.from(rows, (_, i) => (i % 3 === 0 ? 1 : 0));
  if (rows.length < 2) return;
  let data: Parameters<typeof resample>[0] = { features: Float32Array.from(rows.flatMap((row) => [...row])), rows: rows.length, names, target };
  for (const step of resamplings(plan)) {
    const before = data;
    data = await resample(before, step);
    expect([data.features.length, data.target.length]).toEqual([data.rows * names.length, data.rows]);
    if (step.by === 'weights') expect(data.rows).toBe(before.rows);
    else if (step.by === 'undersample') expect(data.rows).toBeLessThanOrEqual(before.rows);
    else expect(data.rows).toBeGreaterThanOrEqual(before.rows);
  }
}
