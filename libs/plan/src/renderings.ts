import type { OnnxGraph, Value } from '@millrace/onnx';
import { type F64, reachable } from './expression.js';
import type { FittedPlan } from './fit-plan.js';
import { type FeedRow, type InputLayout, inputLayout, layoutColumns, rowCell } from './input-layout.js';
import { renderJs } from './js-renderer.js';
import type { KindTable } from './kind.js';
import { KINDS } from './kinds/kinds.js';
import { renderOnnx } from './onnx-renderer.js';
import { type Feature, type LeavingRule, PlanWalk } from './plan-walk.js';
import { type Dialect, DUCKDB } from './sql-dialect.js';
import { renderSql } from './sql-renderer.js';

/** A fitted plan as an expression graph. */
export interface LoweredPlan {
  readonly features: readonly Feature[];
  /** Only the columns that some feature needs. */
  readonly layout: InputLayout;
  /** The rules that leave rows out of training. */
  readonly rules: readonly LeavingRule[];
  /** The number of the first rule that leaves a row out, missing where it stays. */
  readonly rule: F64 | undefined;
}

/** Lowers a fitted plan to its expression graph; every rendering starts from it. */
export function lowerPlan({ plan, states }: FittedPlan, { kinds = KINDS, order }: { readonly kinds?: KindTable; readonly order?: string | undefined } = {}): LoweredPlan {
  const walk = new PlanWalk(plan, kinds, order);
  for (const step of plan.steps) walk.step(step, states[step.id]);
  const features = walk.features();
  const needed = new Set(reachable(features.map(({ node }) => node)).flatMap((node) => (node.op === 'col' ? [node.name] : [])));
  return { features, layout: inputLayout(plan.inputs.filter(({ name }) => needed.has(name))), rules: walk.rules, rule: walk.rule };
}

export interface SqlOptions {
  /** Columns of the relation to keep, before the features. */
  readonly tail?: readonly string[];
  /**
   * The column that ordered the fit, where the rows are those that it saw, to train a model on: what a step has learnt from targets
   * then reaches a row only from the other parts of the rows, and rows that a step leaves out of training are not there.
   */
  readonly trainingOrder?: string;
  /** Of the engine that runs the query: DuckDB unless given. */
  readonly dialect?: Dialect;
}

/** A query of the features as FLOAT columns, NULL where missing; `relation` stands after FROM. The order of the rows is not promised. */
export function toSql(fitted: FittedPlan, relation: string, { tail = [], trainingOrder, dialect = DUCKDB }: SqlOptions = {}): string {
  const { features, rule } = lowerPlan(fitted, { order: trainingOrder });
  if (!rule || trainingOrder === undefined) return renderSql(features, { relation, tail, dialect });
  // By place: names of features may differ in case alone, which no query tells apart.
  const placed = features.map(({ name, node }, i) => ({ name, place: `__f${i}`, node }));
  const inner = renderSql([...placed.map(({ place, node }) => ({ name: place, node })), { name: RULE, node: rule }], { relation, tail, dialect });
  const kept = [...tail.map(dialect.identifier), ...placed.map(({ name, place }) => `${dialect.identifier(place)} AS ${dialect.identifier(name)}`)];
  return `SELECT ${kept.join(', ')} FROM (${inner}) WHERE ${dialect.identifier(RULE)} IS NULL`;
}

const RULE = '__rule';

/**
 * The rules by which a plan leaves rows out of training, and a query of the columns to keep and of "rule": the number of the first rule that leaves
 * a row out, NULL where the row stays. Undefined where the plan leaves none out.
 */
export function toLeftOutSql(fitted: FittedPlan, relation: string, { tail = [], trainingOrder, dialect = DUCKDB }: SqlOptions): { readonly rules: readonly LeavingRule[]; readonly sql: string } | undefined {
  const { rules, rule } = lowerPlan(fitted, { order: trainingOrder });
  return rule && { rules, sql: renderSql([{ name: 'rule', node: rule }], { relation, tail, dialect }) };
}

/** What toOnnx has added to a graph. */
export interface OnnxFeatures {
  /** The value that holds the features: float32 [N, k], NaN where missing. */
  readonly value: Value;
  readonly names: readonly string[];
  /** How to feed the graph's inputs "f64", "i64" and "str". */
  readonly layout: InputLayout;
}

/** Adds inputs and fitted transforms to a graph; a model goes on from there. */
export function toOnnx(fitted: FittedPlan, graph: OnnxGraph): OnnxFeatures {
  const { features, layout } = lowerPlan(fitted);
  const value = renderOnnx(features.map(({ node }) => node), layout, graph);
  return { value, names: features.map(({ name }) => name), layout };
}

/** A function from a row to its features, NaN where missing: the same bits as the other renderings. */
export function toJs(fitted: FittedPlan): (row: FeedRow) => Float32Array {
  const { features, layout } = lowerPlan(fitted);
  const columns = new Map(layoutColumns(layout).map((column) => [column.name, column]));
  const evaluate = renderJs(features.map(({ node }) => node));
  return (row) => {
    const read = (name: string) => {
      const column = columns.get(name);
      return column && rowCell(row, column, 0);
    };
    return Float32Array.from(evaluate(read));
  };
}
