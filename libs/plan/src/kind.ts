import type { ColumnType } from '@millrace/core';
import type { z } from 'zod';
import type { Bool, F64, Named } from './expression.js';
import type { Ir } from './ir.js';
import type { PlanColumn } from './plan.js';
import type { StepTable } from './step-table.js';

/** What a step does to a table: repairs cells, makes columns, makes fewer columns, takes fewer rows, balances rows, tells training from evaluation. */
export type Role = 'clean' | 'transform' | 'reduce' | 'sample' | 'resample' | 'split';

/** A column of a plan as nodes: one, or for a family as many as its members. */
export interface Bound {
  readonly name: string;
  readonly members: readonly Named[];
}

/** A condition under which a row is left out of training. Rows that evaluate or are served are never left out. */
export interface Leaving {
  /** The column for which it is. */
  readonly column: string;
  readonly when: Bool;
  /** Whether the row is kept aside with the reason, and not only counted. */
  readonly aside: boolean;
}

/** A kind of step: everything that the rest of the plan needs to know about it. */
export interface Kind<Options, State> {
  readonly name: string;
  readonly role: Role;
  /** Types that it takes. INT64 arrives as f64. */
  readonly accepts: readonly ColumnType[];
  /** Fewest and most columns. */
  readonly arity: readonly [number, number];
  /** Whether it takes families. */
  readonly families: boolean;
  /** Whether each output comes from one input alone: the outputs of the first, then those of the second, and so on, equally many. */
  readonly columnwise?: true;
  readonly options: z.ZodType<Options>;
  /** The columns that it makes; `as` may rename them. */
  schema(inputs: readonly PlanColumn[], options: Options): readonly PlanColumn[];
  /** Why these columns do not go with these options; undefined where they do. */
  refuse?(inputs: readonly PlanColumn[], options: Options): string | undefined;
  /** Whether fitting looks at rows, when it has a fit. */
  readsRows?(options: Options): boolean;
  /** Whether fitting looks at the target of the training rows. What it makes of a training row must then come from the other parts: see `fold`. */
  readsTarget?(options: Options): boolean;
  /** Columns that the options name: the last inputs of the step, after those that it is given. */
  names?(options: Options): readonly string[];
  /** Learns from training rows; what it gives is JSON, the same for the same rows whatever the number of threads. Without it the options are the state. */
  fit?(table: StepTable, options: Options): Promise<State>;
  /** The nodes of each output, in the order of the schema; `fold` is the part of a training row, and undefined for all other rows. */
  lower(ir: Ir, state: State, columns: readonly Bound[], fold?: F64): readonly (readonly Named[])[];
  /** Which rows it leaves out of training. Later steps learn from the others, and no column shows it. */
  leaves?(ir: Ir, state: State, columns: readonly Bound[]): readonly Leaving[];
}

/** A kind whose types of options and state only it knows. */
export type AnyKind = Kind<Readonly<Record<string, unknown>>, unknown>;
export type KindTable = Readonly<Record<string, AnyKind>>;

/** Declares a kind for the table of kinds. */
export function defineKind<Options, State = Options>(kind: Kind<Options, State>): AnyKind {
  // The table holds kinds of every option type: each gets back only what its own schema has parsed and its own fit has made.
  return kind as unknown as AnyKind;
}

/** What stands beside a column that is treated by itself. */
export interface Beside {
  /** The columns that the options name. */
  readonly keys: readonly Named[];
  /** The part of a training row. */
  readonly fold: F64 | undefined;
}

/** A kind that treats each column by itself. */
export interface ColumnwiseKind<Options, State> {
  readonly name: string;
  readonly role: Role;
  readonly accepts: readonly ColumnType[];
  readonly options: z.ZodType<Options>;
  /** What one column becomes. */
  schema(input: PlanColumn, options: Options): readonly PlanColumn[];
  /** Why this column does not go with these options; undefined where it does. */
  refuse?(input: PlanColumn, options: Options): string | undefined;
  readsRows?(options: Options): boolean;
  readsTarget?(options: Options): boolean;
  /** Text columns that the options name, such as one to group by. */
  names?(options: Options): readonly string[];
  /** The states of all columns, in their order, so that one query can serve them together. */
  fit(table: StepTable, options: Options): Promise<readonly State[]>;
  /** The nodes of each output of one column, in the order of the schema. */
  lower(ir: Ir, state: State, column: Named, beside: Beside): readonly (readonly Named[])[];
  leaves?(ir: Ir, state: State, column: Named): readonly Leaving[];
}

/** Declares a kind that treats each column by itself; a family is treated member by member. */
export function defineColumnwiseKind<Options, State>(kind: ColumnwiseKind<Options, State>): AnyKind {
  const given = <T>(inputs: readonly T[], options: Options) => inputs.slice(0, inputs.length - (kind.names?.(options).length ?? 0));
  return defineKind<Options, ColumnStates<State>>({
    ...kind,
    leaves: (ir, { columns: states, keys = 0 }, columns) => {
      const members = columns.slice(0, columns.length - keys).flatMap((column) => column.members);
      return members.flatMap((member, i) => (states[i] === undefined ? [] : (kind.leaves?.(ir, states[i], member) ?? [])));
    },
    arity: [1, Infinity],
    families: true,
    columnwise: true,
    refuse: (inputs, options) => {
      const own = given(inputs, options);
      const key = inputs.slice(own.length).find(({ type, family }) => type !== 'STRING' || family);
      if (key) return `"${key.name}" is ${key.family ? 'a family of columns' : `of type ${key.type}`} and cannot group; name a STRING column`;
      return own.map((input) => kind.refuse?.(input, options)).find((reason) => reason !== undefined);
    },
    schema: (inputs, options) => given(inputs, options).flatMap((input) => kind.schema(input, options).map((output) => (input.family ? { ...output, family: true } : output))),
    fit: async (table, options) => ({ columns: await kind.fit(table, options), outputs: kind.schema(ANY_COLUMN, options).length, ...(table.keys.length > 0 && { keys: table.keys.length }) }),
    lower: (ir, { columns: states, outputs, keys = 0 }, columns, fold) => {
      const rest = [...states];
      const own = columns.slice(0, columns.length - keys);
      const beside = { keys: columns.slice(own.length).flatMap(({ members }) => members), fold };
      return own.flatMap(({ members }) => {
        const made = members.map((member) => {
          const state = rest.shift();
          return state === undefined ? [] : kind.lower(ir, state, member, beside);
        });
        return Array.from({ length: outputs }, (_, i) => made.flatMap((lowered) => lowered[i] ?? []));
      });
    },
  });
}

interface ColumnStates<State> {
  readonly columns: readonly State[];
  readonly outputs: number;
  /** How many of the step's inputs its options name; none unless given. */
  readonly keys?: number;
}

const ANY_COLUMN: PlanColumn = { name: '', type: 'FLOAT64', nullable: true };
/** Types that arrive as f64. */
export const NUMBERS: readonly ColumnType[] = ['FLOAT64', 'INT64', 'BOOL'];
