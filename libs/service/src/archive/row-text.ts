import { createHash } from 'node:crypto';
import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import type { ArchivedTable, ArchivedType } from './archived-tables.js';

/** A row as the database gives and takes it. */
export type Row = Readonly<Record<string, unknown>>;

type Cell = (value: unknown) => unknown;

const same: Cell = (value) => value;

/** How a cell that is there is said in JSON, and how it is read back; integers of 64 bits and numbers that JSON does not have travel as tags. */
const CELLS: Readonly<Record<ArchivedType, { readonly say: Cell; readonly read: Cell }>> = {
  text: { say: String, read: same },
  json: { say: String, read: same },
  int32: { say: Number, read: same },
  int64: { say: (value) => BigInt(value as bigint), read: same },
  float64: { say: Number, read: same },
  boolean: { say: Boolean, read: same },
  timestamp: { say: (value) => (value as Date).toISOString(), read: (value) => new Date(value as string) },
  bytes: { say: (value) => Buffer.from(value as Uint8Array).toString('base64'), read: (value) => new Uint8Array(Buffer.from(value as string, 'base64')) },
};

/** A row as text: equal rows have equal texts, whatever database they come from. */
export function rowText({ columns }: ArchivedTable, row: Row): string {
  const entries = Object.entries(columns).map(([name, type]) => [name, row[name] === null || row[name] === undefined ? null : CELLS[type].say(row[name])]);
  return canonicalJson(Object.fromEntries(entries));
}

/** The reverse of rowText; undefined where the text has other columns than the table. */
export function readRow({ columns }: ArchivedTable, text: string): Row | undefined {
  const row = parseCanonicalJson(text) as Row;
  const names = Object.keys(columns);
  if (Object.keys(row).length !== names.length || names.some((name) => !Object.hasOwn(row, name))) return undefined;
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, row[name] === null ? null : CELLS[type].read(row[name])]));
}

const MODULUS = 2n ** 256n;

/** How many rows a table holds, and the sum of their SHA-256 modulo 2^256, in whatever order they come. */
export class RowSum {
  #rows = 0;
  #sum = 0n;

  add(text: string): void {
    this.#rows++;
    this.#sum = (this.#sum + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)) % MODULUS;
  }

  get rows(): number {
    return this.#rows;
  }

  get digest(): string {
    return `sha256-sum:${this.#sum.toString(16).padStart(64, '0')}`;
  }
}

/** What is in a table, as text that two homes can compare. */
export interface TableSum {
  readonly rows: number;
  readonly digest: string;
}

/** Whether two services keep the same; tables by name. */
export const sameSums = (a: Readonly<Record<string, TableSum>>, b: Readonly<Record<string, TableSum>>): boolean => canonicalJson(a) === canonicalJson(b);
