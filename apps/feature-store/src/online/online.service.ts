import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import { canonicalJson, type Cell, uuidv7 } from '@millrace/core';
import { errors } from '../errors.js';
import type { ResolvedReference } from '../feature-reference.js';
import type { ResolvedService } from '../feature-service.js';
import { type FeatureView, featureViewName } from '../feature-view.js';
import { compileComputed } from './computed-features.js';
import type { Ask, Filling, Online } from './online.js';
import { type FeatureValue, NOT_FOUND } from './view-answers.js';
import { keyText } from './view-delta.js';

/** One row of a request, asked as of a time in microseconds. */
export interface AskedRow {
  /** A key cell as the text that keys are kept by. */
  readonly cell: (column: string) => string | undefined;
  /** A cell as it came. */
  readonly value: (column: string) => Cell;
  readonly time: number;
}

/** Takes pushes and questions as they come from outside, and hands them to where the features are. */
export class OnlineService {
  readonly #computers = new WeakMap<ResolvedService, Computer>();
  readonly #compiled = new Map<string, Computer>();

  constructor(private readonly online: Online) {}

  /** Adds source rows to views; false when the request had been applied before. Durable when it resolves. */
  async push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    const distinct = [...new Map(views.map((view) => [view.view, view])).values()];
    if (distinct.length === 0) throw errors.PUSH_WITHOUT_VIEW({});
    return this.online.push(distinct, table, requestId === '' ? uuidv7() : requestId);
  }

  /** The features of a service for each row, in its order; throws KEY_MISSING and REQUEST_TYPE with the index of the row. */
  async read(service: ResolvedService, rows: readonly AskedRow[]): Promise<readonly (readonly FeatureValue[])[]> {
    const wanted = service.reads.map((reference) => ({ reference, features: reference.features.map(({ feature }) => feature) }));
    const asks = rows.flatMap(({ cell, time }, index) => wanted.map(({ reference, features }): Ask => ({ view: reference.view, key: keyOf(reference, cell, index), time, features })));
    const answers = await this.online.read(asks);
    const read = rows.map((_, row) => answers.slice(row * wanted.length, (row + 1) * wanted.length).flat());
    return service.computed.length === 0 ? read : this.#computerOf(service)(read, rows);
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

  #computerOf(service: ResolvedService): Computer {
    const known = this.#computers.get(service);
    if (known) return known;
    // A service is resolved again every second, and compiling costs milliseconds: what says the same is compiled already.
    const { reads, computed, features } = service;
    const text = canonicalJson({ computed, features, reads: reads.map((reference) => reference.features.map(({ as }) => as)) });
    const computer = this.#compiled.get(text) ?? computerOf(service);
    if (this.#compiled.size >= MAX_COMPILED) this.#compiled.clear();
    this.#compiled.set(text, computer);
    this.#computers.set(service, computer);
    return computer;
  }
}

/** Services whose formulas are kept compiled. */
const MAX_COMPILED = 200;

type Computer = (read: readonly (readonly FeatureValue[])[], rows: readonly AskedRow[]) => readonly (readonly FeatureValue[])[];

/** Adds what is computed to what was read, and puts all in the order of the service. */
function computerOf({ reads, computed, features }: ResolvedService): Computer {
  const names = reads.flatMap((reference) => reference.features.map(({ as }) => as));
  const compiled = computed.map((reference) => ({ compute: compileComputed(reference), names: reference.features.map(({ as }) => as) }));
  return (read, rows) =>
    rows.map(({ value, time }, index) => {
      const values = new Map(names.map((name, i) => [name, read[index]?.[i] ?? NOT_FOUND]));
      const made = compiled.map(({ compute }) => compute({ read: values, value, time, index }));
      compiled.forEach(({ names: own }, i) => own.forEach((name, place) => values.set(name, made[i]?.[place] ?? NOT_FOUND)));
      return features.map((name) => values.get(name) ?? NOT_FOUND);
    });
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
