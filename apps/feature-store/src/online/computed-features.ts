import type { Cell, ColumnType } from '@millrace/core';
import { isError } from '@millrace/core';
import { type FeedRow, formulaColumns, formulasToJs, PLAN_DOMAIN } from '@millrace/plan';
import { errors } from '../errors.js';
import type { ComputedReference } from '../feature-service.js';
import { featureViewName } from '../feature-view.js';
import type { FeatureValue } from './view-answers.js';

/** What formulas are computed of: what was read of views by the name that it was read by, and what the request brings. */
export interface Given {
  readonly read: ReadonlyMap<string, FeatureValue>;
  readonly value: (column: string) => Cell;
  /** Microseconds. */
  readonly time: number;
  readonly index: number;
}

/** Computes the features of a view on demand, row by row. */
export type Compute = (given: Given) => readonly FeatureValue[];

/**
 * Compiles the formulas of a reference. What has expired or was not found is missing in a formula, as it is in a training set; a formula that then gives no value
 * is EXPIRED where something that it reads is, else NOT_FOUND. The event time is that of the newest row that it was made of, and the time asked for where only
 * the request went into it. Throws REQUEST_TYPE with the index of the row where the request brings a value of another type.
 */
export function compileComputed({ view, features, columns }: ComputedReference): Compute {
  const evaluate = formulasToJs(features.map(({ feature, as }) => ({ name: as, formula: feature.formula })), columns);
  const sources = features.map(({ feature }) => {
    const named = new Set(formulaColumns(feature.formula));
    return columns.flatMap((column) => (named.has(column.name) && 'read' in column ? [column.read] : []));
  });
  return ({ read, value, time, index }) => {
    const row: Record<string, Cell> = {};
    for (const column of columns) row[column.name] = 'read' in column ? asNumber(read.get(column.read)?.value, column.type) : requested(value(column.request), column.type);
    return computed(evaluate, { row, index, view: featureViewName.format(view) }).map((cell, i) => valueOf(cell, { inputs: (sources[i] ?? []).flatMap((name) => read.get(name) ?? []), time }));
  };
}

function computed(evaluate: ReturnType<typeof formulasToJs>, { row, index, view }: { readonly row: FeedRow; readonly index: number; readonly view: string }) {
  try {
    return evaluate(row, index);
  } catch (error) {
    if (!isError(error, PLAN_DOMAIN, 'CELL_INVALID')) throw error;
    const { column = '', value: found = '', type = '', mend = '' } = error.metadata;
    throw errors.REQUEST_TYPE({ index: String(index), found, column, view, type, mend }, { cause: error });
  }
}

function valueOf(value: Cell, { inputs, time }: { readonly inputs: readonly FeatureValue[]; readonly time: number }): FeatureValue {
  const wanted = value === undefined ? 'EXPIRED' : 'PRESENT';
  const times = inputs.flatMap(({ status, eventTime }) => (status === wanted && eventTime !== undefined ? [eventTime] : []));
  if (value !== undefined) return { value, status: 'PRESENT', eventTime: times.length > 0 ? Math.max(...times) : time };
  return times.length > 0 ? { value, status: 'EXPIRED', eventTime: Math.max(...times) } : { value, status: 'NOT_FOUND', eventTime: undefined };
}

/** Numbers are doubles in a formula. */
const asNumber = (cell: Cell, type: ColumnType): Cell => (type === 'FLOAT64' && typeof cell === 'bigint' ? Number(cell) : cell);

/** A whole number that came as a double, as JSON has it, is one all the same. */
const requested = (cell: Cell, type: ColumnType): Cell => (type === 'INT64' && typeof cell === 'number' && Number.isSafeInteger(cell) ? BigInt(cell) : asNumber(cell, type));
