import { type PageRequest, toPage } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { ident, openTables } from '@millrace/tables';
import type { DatasetVersion } from './dataset.js';
import type { TableObject } from './table-object.js';

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

/** A row that was dropped, and the row that stays. */
export interface DuplicateRow {
  readonly file: string;
  readonly row: bigint;
  /** Empty where an earlier version has it. */
  readonly keptFile: string;
  /** Of that file, or of that version. */
  readonly keptRow: bigint;
  /** Empty where it came in the same run. */
  readonly keptVersion: string;
  /** Missing cells are not there. */
  readonly cells: Readonly<Record<string, string>>;
}

/** One cell that is not in the dataset as it stood in the source. */
export interface LedgerEntry {
  readonly file: string;
  readonly row: bigint;
  readonly column: string;
  readonly found: string;
  readonly became: string;
  readonly action: 'REPAIRED' | 'EMPTIED' | 'SET_ASIDE';
  readonly reason: string;
  readonly step: string;
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
    const { columns, size, toCells } = cellsOf(schema, page);
    return this.#read<CellTexts & { _file: string; _row: bigint; _reasons: string; text: string | undefined }, QuarantinedRow>(
      quarantine,
      { page: { ...page, size }, columns: ['_file', '_row', `left(_reasons, ${MAX_CELL_LENGTH}) AS _reasons`, `left(_text, ${MAX_CELL_LENGTH}) AS text`, ...columns], signal },
      (row) => ({ file: row._file, row: row._row, reasons: row._reasons, cells: toCells(row), text: row.text ?? '' }),
    );
  }

  /** The duplicates of a version, a page at a time. */
  duplicates({ duplicates, schema }: DatasetVersion, page: PageRequest, signal: AbortSignal): Promise<SetAsidePage<DuplicateRow>> {
    const { columns, size, toCells } = cellsOf(schema, page);
    return this.#read<CellTexts & { _file: string; _row: bigint; _kept_file: string; _kept_row: bigint; _kept_version: string }, DuplicateRow>(
      duplicates,
      { page: { ...page, size }, columns: ['_file', '_row', '_kept_file', '_kept_row', '_kept_version', ...columns], signal },
      (row) => ({ file: row._file, row: row._row, keptFile: row._kept_file, keptRow: row._kept_row, keptVersion: row._kept_version, cells: toCells(row) }),
    );
  }

  /** The ledger of a version, a page at a time. */
  ledger({ ledger }: DatasetVersion, page: PageRequest, signal: AbortSignal): Promise<SetAsidePage<LedgerEntry>> {
    return this.#read<Omit<LedgerEntry, 'became'> & { became: string | undefined }, LedgerEntry>(
      ledger,
      { page, columns: ['file', 'row', '"column"', `left(found, ${MAX_CELL_LENGTH}) AS found`, `left(became, ${MAX_CELL_LENGTH}) AS became`, 'action', 'reason', 'step'], signal },
      ({ became, ...entry }) => ({ ...entry, became: became ?? '' }),
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

type CellTexts = Record<`c${number}`, string | undefined>;

/** The cells of a row that was set aside, and how many of such rows fit into a page. */
function cellsOf(schema: DatasetVersion['schema'], page: PageRequest) {
  return {
    columns: schema.map(({ name }, i) => `left(${ident(name)}, ${MAX_CELL_LENGTH}) AS c${i}`),
    size: Math.max(1, Math.min(page.size, Math.floor(MAX_CELLS / schema.length))),
    toCells: (row: CellTexts): Readonly<Record<string, string>> => Object.fromEntries(schema.flatMap(({ name }, i) => (row[`c${i}`] === undefined ? [] : [[name, row[`c${i}`] ?? '']]))),
  };
}
