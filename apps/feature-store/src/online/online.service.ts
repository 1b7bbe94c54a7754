import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import { uuidv7 } from '@millrace/core';
import { errors } from '../errors.js';
import type { ResolvedReference } from '../feature-service.js';
import { type FeatureView, featureViewName } from '../feature-view.js';
import type { Ask, Filling, Online } from './online.js';
import type { FeatureValue } from './view-answers.js';
import { keyText } from './view-delta.js';

/** One row of key cells, asked as of a time in microseconds. */
export interface AskedRow {
  readonly cell: (column: string) => string | undefined;
  readonly time: number;
}

/** Takes pushes and questions as they come from outside, and hands them to where the features are. */
export class OnlineService {
  constructor(private readonly online: Online) {}

  /** Adds source rows to views; false when the request had been applied before. Durable when it resolves. */
  async push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    const distinct = [...new Map(views.map((view) => [view.view, view])).values()];
    if (distinct.length === 0) throw errors.PUSH_WITHOUT_VIEW({});
    return this.online.push(distinct, table, requestId === '' ? uuidv7() : requestId);
  }

  /** The features of all references for each row, in the order of the references; throws KEY_MISSING with the index of the row. */
  async read(references: readonly ResolvedReference[], rows: readonly AskedRow[]): Promise<readonly (readonly FeatureValue[])[]> {
    const wanted = references.map((reference) => ({ reference, features: reference.features.map(({ feature }) => feature) }));
    const asks = rows.flatMap(({ cell, time }, index) => wanted.map(({ reference, features }): Ask => ({ view: reference.view, key: keyOf(reference, cell, index), time, features })));
    const answers = await this.online.read(asks);
    return rows.map((_, row) => answers.slice(row * wanted.length, (row + 1) * wanted.length).flat());
  }

  /** Puts what a materialisation brings in the place of all that was known before its time; gives the number of keys. */
  replace(view: FeatureView, filling: Filling): Promise<number> {
    return this.online.replace(view, filling);
  }

  /** Lets go of all values and pushes of a view. */
  drop(view: string): Promise<void> {
    return this.online.drop(view);
  }

  /** Why it cannot answer just now; undefined when it can. */
  fault(): string | undefined {
    return this.online.fault();
  }

  /** Removes what nobody can ask for any more; says what it did. */
  collect(): Promise<unknown> {
    return this.online.collect();
  }

  close(): Promise<void> {
    return this.online.close();
  }
}

function keyOf({ view, keys }: ResolvedReference, cell: AskedRow['cell'], index: number): string {
  return keyText(
    keys.map((column, i) => {
      const value = cell(column);
      if (value === undefined) throw errors.KEY_MISSING({ index: String(index), column, key: view.joinKeys[i] ?? column, view: featureViewName.format(view) });
      return value;
    }),
  );
}
