import { basename } from 'node:path';
import type { Column } from '@millrace/core';
import { ident, type Tables } from '@millrace/tables';
import type { Contract } from './contract.js';
import { errors } from './errors.js';
import type { Base } from './ingest-argument.js';
import type { IngestResult } from './ingest-result.js';
import type { RowCounts, TableObject } from './table-object.js';
import { columnOf } from './reading/inferred-columns.js';
import { type Cursor, placeOf, type Source } from './reading/source.js';
import type { SourceAccess } from './reading/source-kind.js';

/** What came of a run whose source holds nothing that was not read before. */
export const nothingNew = (contract: Contract, base: Base, cursor: Cursor | undefined): IngestResult => ({
  contract: contract.columns.length > 0 ? contract : { ...contract, columns: base.schema.map(columnOf) },
  schema: base.schema,
  object: undefined,
  counts: { read: 0, kept: 0, duplicates: 0, quarantined: 0, repaired: 0, cellsRepaired: 0 },
  quarantine: undefined,
  ledger: undefined,
  duplicates: undefined,
  profile: { rows: 0, columns: [], coMoments: [] },
  expectations: [],
  eventTimeMin: undefined,
  eventTimeMax: undefined,
  cursor,
});

/** The columns of a version whose rows keep this contract. */
export const schemaOf = ({ columns }: Contract): readonly Column[] => columns.map(({ name, type, required }) => ({ name, type, nullable: !required }));

/** The times that a source may keep to by itself, by the name that the column has there; nothing where the contract does not name it. */
export function withinOf({ timeFilter }: Source, { columns }: Contract): Pick<SourceAccess, 'within'> {
  const column = columns.find(({ name }) => name === timeFilter?.column)?.sourceName;
  return timeFilter && column !== undefined ? { within: { column, from: timeFilter.from, to: timeFilter.to } } : {};
}

/** The largest value of a column of the version that is appended to, as text. */
export async function largestOf(tables: Tables, base: Base | undefined, column: string): Promise<string | undefined> {
  if (base === undefined || base.objects.length === 0) return undefined;
  if (!base.schema.some(({ name }) => name === column)) throw errors.INVALID_SOURCE({ why: `incremental_column "${column}" is no column of ${base.version}` });
  const [found] = await tables.rows<{ largest: string | undefined }>(`SELECT CAST(max(${ident(column)}) AS VARCHAR) AS largest FROM ${await tables.scan(base.objects.map(({ digest }) => digest))}`);
  return found?.largest;
}

/** Throws SOURCE_EMPTY where no row was read. */
export function refuseEmpty({ read }: RowCounts, source: Source): void {
  if (read === 0) throw errors.SOURCE_EMPTY({ file: basename(placeOf(source)), why: source.timeFilter === undefined ? 'it has a header but no rows' : 'it has no rows in the range of time asked for' });
}

/** Throws TOO_MANY_QUARANTINED with the first of them. */
export async function refuseShare(tables: Tables, { contract, counts, quarantine }: { contract: Contract; counts: RowCounts; quarantine: TableObject | undefined }): Promise<void> {
  const limit = contract.maxQuarantinedShare;
  if (limit === 0 || quarantine === undefined || counts.quarantined / counts.read <= limit) return;
  const [first] = await tables.rows<{ told: string }>(`SELECT _file || ', row ' || _row || ': ' || left(_reasons, 500) AS told FROM ${await tables.scan([quarantine.digest])} LIMIT 1`);
  throw errors.TOO_MANY_QUARANTINED({ quarantined: String(counts.quarantined), read: String(counts.read), limit: String(limit), first: first?.told ?? '' });
}
