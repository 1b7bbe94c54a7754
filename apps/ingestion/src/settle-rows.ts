import { ident, type Tables } from '@millrace/tables';
import { duplicatesSql, findDuplicates, IS_DISPUTED, type Parent } from './cleaning/duplicates.js';
import { brokenRow } from './cleaning/expectation.js';
import { changedCells, ledgerSql } from './cleaning/ledger.js';
import { type Faults, typesOf } from './cleaning/faults.js';
import { ODD } from './cleaning/odd-cells.js';
import { quarantineSql } from './cleaning/quarantine.js';
import type { Stage } from './cleaning/stage.js';
import type { Contract } from './contract.js';
import { type Expectation, isRowRule } from './expectation-rule.js';
import { errors } from './errors.js';
import type { RowCounts, TableObject } from './table-object.js';
import type { RawTable } from './reading/raw-table.js';

/** Rows that are to be parted into those that stay and those that do not. */
export interface StagedRows {
  readonly contract: Contract;
  readonly raws: readonly RawTable[];
  readonly stage: Stage;
  /** What they are added to; a row that it holds already is a duplicate. */
  readonly parent: (Parent & { readonly version: string }) | undefined;
  /** SQL of the rows to be written, given those that stay. */
  readonly rows: (kept: string) => string;
  /** So many of these are those of the parent. */
  readonly known: number;
  readonly signal: AbortSignal;
  readonly progress?: (step: 'find duplicates' | 'write') => void;
}

/** Where every staged row went. */
export interface SettledRows {
  readonly counts: RowCounts;
  /** What was written; undefined where no new row stays. */
  readonly object: TableObject | undefined;
  readonly quarantine: TableObject | undefined;
  readonly ledger: TableObject | undefined;
  readonly duplicates: TableObject | undefined;
  /** Rows that broke each of the quarantining rules, by name. */
  readonly broken: ReadonlyMap<string, number>;
}

/** Finds duplicates among staged rows, writes what stays, and lists what does not: read = kept + duplicates + quarantined, or COUNTS_DO_NOT_ADD_UP. */
export async function settleRows(tables: Tables, { contract, raws, stage, parent, rows, known, signal, progress = () => undefined }: StagedRows): Promise<SettledRows> {
  const { faults } = stage;
  const good = `(SELECT * FROM ${stage.table} WHERE NOT (${faults.any}))`;
  progress('find duplicates');
  const { dropped, disputed, kept } = await findDuplicates(tables, contract, { good, parent, signal });
  progress('write');
  const anyNew = known === 0 || (await countRows(tables, kept)) > 0;
  const object = anyNew ? await writeObject(tables, rows(kept), signal) : undefined;
  const rejects = raws.reduce((sum, raw) => sum + (raw.rejects?.count ?? 0), 0);
  const staged = await countStaged(tables, contract, stage);
  const quarantined = staged.faulty + rejects + disputed;
  const counts = { read: staged.rows + rejects, kept: object === undefined ? 0 : object.rows - known, duplicates: dropped, quarantined, ...(await mended(tables, contract, { stage, kept })) };
  if (counts.read !== counts.kept + dropped + quarantined) throw errors.COUNTS_DO_NOT_ADD_UP({ read: String(counts.read), kept: String(counts.kept), duplicates: String(dropped), quarantined: String(quarantined) });
  const quarantine = quarantined === 0 ? undefined : await writeObject(tables, quarantineSql(contract, { stage, raws, faults: disputed === 0 ? faults : withDisputed(faults, contract) }), signal);
  const ledgerQuery = counts.cellsRepaired === 0 && staged.faulty === 0 ? undefined : ledgerSql(contract, { stage, raws, kept });
  const ledger = ledgerQuery === undefined ? undefined : await writeObject(tables, ledgerQuery, signal);
  const duplicates = dropped === 0 ? undefined : await writeObject(tables, duplicatesSql(contract, { stage, raws, parent: parent?.version ?? '' }), signal);
  return { counts, object, quarantine, ledger, duplicates, broken: staged.broken };
}

/** Writes a query as Parquet; undefined when it has no rows. */
export async function writeObject(tables: Tables, sql: string, signal: AbortSignal): Promise<TableObject | undefined> {
  const { ref, rows } = await tables.writeParquet(sql, { signal });
  return rows === 0 ? undefined : { ...ref, rows };
}

/** SQL that counts the rows which break row rules, all in one pass, and what reads the counts by the name of the expectation. */
export function brokenCounts(contract: Contract, of: (expectation: Expectation) => boolean) {
  const typeOf = typesOf(contract);
  const asked = contract.expectations.filter((expectation) => isRowRule(expectation.rule) && of(expectation));
  return {
    sql: asked.map((expectation, i) => `count(*) FILTER (${brokenRow(expectation, typeOf)}) AS broken_${i}`),
    read: (row: Readonly<Record<string, bigint | undefined>>): ReadonlyMap<string, number> => new Map(asked.map(({ name }, i) => [name, Number(row[`broken_${i}`] ?? 0n)])),
  };
}

/** The columns of a contract in SQL, in their order. */
export const columnList = ({ columns }: Contract): string => columns.map(({ name }) => ident(name)).join(', ');

async function countRows(tables: Tables, relation: string): Promise<number> {
  const [found] = await tables.rows<{ n: bigint }>(`SELECT count(*) AS n FROM ${relation}`);
  return Number(found?.n ?? 0n);
}

const withDisputed = (faults: Faults, { key }: Contract): Faults => ({
  conditions: [...faults.conditions, { when: IS_DISPUTED, reason: `${key.length > 0 ? key.join(', ') : 'all columns'}: several rows have this key` }],
  any: `${faults.any} OR ${IS_DISPUTED}`,
});

async function mended(tables: Tables, contract: Contract, { stage, kept }: { stage: Stage; kept: string }): Promise<{ repaired: number; cellsRepaired: number }> {
  const flags = changedCells(contract, stage);
  if (flags.length === 0) return { repaired: 0, cellsRepaired: 0 };
  const [sums] = await tables.rows<{ repaired: bigint; cells: bigint }>(`SELECT count(*) FILTER (${flags.join(' OR ')}) AS repaired, CAST(coalesce(sum(${flags.map((flag) => `CAST(${flag} AS INTEGER)`).join(' + ')}), 0) AS BIGINT) AS cells FROM ${kept} WHERE ${ODD} IS NOT NULL`);
  return { repaired: Number(sums?.repaired ?? 0n), cellsRepaired: Number(sums?.cells ?? 0n) };
}

/** Rows of the stage, those with a fault, and those that break each quarantining rule: such rules are counted where their rows were found. */
async function countStaged(tables: Tables, contract: Contract, { table, faults }: Stage): Promise<{ rows: number; faulty: number; broken: ReadonlyMap<string, number> }> {
  const { sql, read } = brokenCounts(contract, ({ severity }) => severity === 'QUARANTINE');
  const [found = {}] = await tables.rows<Record<string, bigint>>(`SELECT ${['count(*) AS n', `count(*) FILTER (${faults.any}) AS faulty`, ...sql].join(', ')} FROM ${table}`);
  return { rows: Number(found['n'] ?? 0n), faulty: Number(found['faulty'] ?? 0n), broken: read(found) };
}
