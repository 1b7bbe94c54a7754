import { type PageRequest, toPage } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { ident, openTables } from '@millrace/tables';
import type { DatasetVersion } from './dataset.js';
import type { TableObject } from './ingest.js';

/** A row that was set aside. */
export interface QuarantinedRow {
  readonly file: string;
  readonly row: bigint;
  readonly reasons: string;
  /** Missing cells are not there. */
  readonly cells: Readonly<Record<string, string>>;
  /** The record, where it could not be cut into cells. */
  readonly text: string;
}

/** One cell of a kept row that is not what stood in the source. */
export interface LedgerEntry {
  readonly file: string;
  readonly row: bigint;
  readonly column: string;
  readonly found: string;
  readonly became: string;
  readonly action: 'REPAIRED' | 'EMPTIED';
}

/** One page of either. */
export interface SetAsidePage<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

const MEMORY = '256MB';
/** Of a row that is shown; the whole stands in the object. */
const MAX_CELL_LENGTH = 500;
/** A message has a limit. */
const MAX_CELLS = 20_000;

/** Reads what runs have set aside. */
export class SetAsideService {
  constructor(private readonly objects: ObjectStore) {}

  /** The quarantine of a version, a page at a time. */
  quarantined({ quarantine, schema }: DatasetVersion, page: PageRequest, signal: AbortSignal): Promise<SetAsidePage<QuarantinedRow>> {
    const cells = schema.map(({ name }, i) => `left(${ident(name)}, ${MAX_CELL_LENGTH}) AS c${i}`);
    const size = Math.max(1, Math.min(page.size, Math.floor(MAX_CELLS / schema.length)));
    return this.#read<Record<`c${number}`, string | undefined> & { _file: string; _row: bigint; _reasons: string; text: string | undefined }, QuarantinedRow>(
      quarantine,
      { page: { ...page, size }, columns: ['_file', '_row', `left(_reasons, ${MAX_CELL_LENGTH}) AS _reasons`, `left(_text, ${MAX_CELL_LENGTH}) AS text`, ...cells], signal },
      (row) => ({ file: row._file, row: row._row, reasons: row._reasons, cells: Object.fromEntries(schema.flatMap(({ name }, i) => (row[`c${i}`] === undefined ? [] : [[name, row[`c${i}`] ?? '']]))), text: row.text ?? '' }),
    );
  }

  /** The ledger of a version, a page at a time. */
  ledger({ ledger }: DatasetVersion, page: PageRequest, signal: AbortSignal): Promise<SetAsidePage<LedgerEntry>> {
    return this.#read<Omit<LedgerEntry, 'became'> & { became: string | undefined }, LedgerEntry>(
      ledger,
      { page, columns: ['file', 'row', '"column"', `left(found, ${MAX_CELL_LENGTH}) AS found`, `left(became, ${MAX_CELL_LENGTH}) AS became`, 'action'], signal },
      (entry) => ({ file: entry.file, row: entry.row, column: entry.column, found: entry.found, became: entry.became ?? '', action: entry.action }),
    );
  }

  /** Rows of an object from a place on; the key of a page is that place. */
  async #read<Raw, Row>(object: TableObject | undefined, { page, columns, signal }: { page: PageRequest; columns: readonly string[]; signal: AbortSignal }, toRow: (raw: Raw) => Row): Promise<SetAsidePage<Row>> {
    if (object === undefined) return { rows: [], nextPageToken: '' };
    await using tables = await openTables({ objects: this.objects, memoryLimit: MEMORY, threads: 1 });
    const from = Number(page.after ?? -1) + 1;
    const found = await tables.rows<Raw>(`SELECT ${columns.join(', ')} FROM ${await tables.scan(object.digest)} LIMIT ${page.size + 1} OFFSET ${from}`, undefined, { signal });
    const { rows, nextPageToken } = toPage(found.map((raw, i) => ({ raw, place: from + i })), page, ({ place }) => String(place));
    return { rows: rows.map(({ raw }) => toRow(raw)), nextPageToken };
  }
}
