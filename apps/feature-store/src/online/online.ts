import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import type { Schema } from '@millrace/core';
import type { Feature, FeatureView } from '../feature-view.js';
import type { FeatureValue } from './view-answers.js';
import type { ViewDelta } from './view-delta.js';

/** What a materialisation brings. */
export interface Filling {
  readonly delta: ViewDelta;
  /** Digest of the object that holds the delta. */
  readonly base: string;
  /** Of the source that it was made from. */
  readonly schema: Schema;
  /** It holds all that was known before this microsecond; what was pushed and known later stays. */
  readonly knownBefore: number;
}

/** One key of one view, asked as of a time in microseconds. */
export interface Ask {
  readonly view: FeatureView;
  readonly key: string;
  readonly time: number;
  readonly features: readonly Feature[];
}

/** Where online features are: in the memory of this process with a store behind it, or in Redis for any number of processes. */
export interface Online {
  /** Adds source rows to different views; false when the request had been applied before. When it resolves the rows are durable, and every later read sees them. */
  push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean>;
  /** Answers each ask, in order. */
  read(asks: readonly Ask[]): Promise<readonly (readonly FeatureValue[])[]>;
  /** Puts what a materialisation brings in the place of all that was known before its time; gives the number of keys. */
  replace(view: FeatureView, filling: Filling): Promise<number>;
  /** Lets go of all values and pushes of a view; one of the same name that comes later begins with nothing. */
  drop(view: string): Promise<void>;
  /** Why it cannot answer just now; undefined when it can. */
  fault(): string | undefined;
  /** Removes what nobody can ask for any more; says what it did. */
  collect(): Promise<unknown>;
  close(): Promise<void>;
}

/** What the online side asks of the rest. */
export interface OnlineOptions {
  /** The columns of the source that a view reads; throws DATASET_UNKNOWN where there is none yet. */
  readonly schemaOf: (view: FeatureView) => Promise<Schema>;
  /** Told what goes wrong behind the back of a caller who has been served. */
  readonly onFault: (view: string, error: unknown) => void;
}

/** Pushed tables are kept at least so long, counted back from the newest knowledge: a materialisation may begin as far back. */
export const RETAIN_MICROS = 31 * 24 * 3_600_000_000;
