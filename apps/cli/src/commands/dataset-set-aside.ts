import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { DuplicateRow, LedgerEntry, LedgerEntry_Action, QuarantinedRow } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import { fullName, shortVersion } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count } from '../text/figures.js';
import { limitOption, moreLine } from './limit.js';

const ACTIONS: Readonly<Record<LedgerEntry_Action, string>> = {
  [LedgerEntry_Action.UNSPECIFIED]: '',
  [LedgerEntry_Action.REPAIRED]: 'repaired',
  [LedgerEntry_Action.EMPTIED]: 'emptied',
  [LedgerEntry_Action.SET_ASIDE]: 'set aside',
};

interface Options {
  readonly version?: string;
  readonly limit: string;
}

/** The full name of a version, from the name of its dataset or its own. */
export const versionOf = (name: string, version = 'latest'): string => (name.includes('/versions/') ? fullName('datasets', name) : `${fullName('datasets', name)}/versions/${version}`);

/** Rows that a run set aside, each with the file, the row and the reasons. */
export async function listQuarantine(session: Session, name: string, { version, limit: text }: Options): Promise<void> {
  const limit = limitOption(text);
  const parent = versionOf(name, version);
  const ingestion = await session.connect(IngestionServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { quarantinedRows, nextPageToken } = await ingestion.listQuarantinedRows({ parent, ...part }, session.call);
    return { rows: quarantinedRows, nextPageToken };
  });
  session.answer(
    () => ({ quarantinedRows: rows.map((row) => QuarantinedRow.toJSON(row)) }),
    () =>
      rows.length === 0
        ? `${parent} has no quarantine: every row that was read could be kept or was a duplicate.\n`
        : session.table(
            [{ title: 'FILE' }, { title: 'ROW', align: 'right' }, { title: 'REASONS' }, { title: 'WHAT STOOD THERE', shrink: true }],
            rows.map(({ file, row, reasons, cells, text: record }) => [file, count(row), reasons, record === '' ? Object.entries(cells).map(([column, cell]) => `${column}=${cell}`).join(', ') : record]),
          ) + moreLine(more, limit),
  );
}

/** Rows that were dropped, each with the row that stays. */
export async function listDuplicates(session: Session, name: string, { version, limit: text }: Options): Promise<void> {
  const limit = limitOption(text);
  const parent = versionOf(name, version);
  const ingestion = await session.connect(IngestionServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { duplicateRows, nextPageToken } = await ingestion.listDuplicateRows({ parent, ...part }, session.call);
    return { rows: duplicateRows, nextPageToken };
  });
  session.answer(
    () => ({ duplicateRows: rows.map((row) => DuplicateRow.toJSON(row)) }),
    () =>
      rows.length === 0
        ? `${parent} has no duplicates: its run dropped no row for another one.\n`
        : session.table(
            [{ title: 'FILE' }, { title: 'ROW', align: 'right' }, { title: 'STAYS' }, { title: 'WHAT STOOD THERE', shrink: true }],
            rows.map(({ file, row, keptFile, keptRow, keptVersion, cells }) => [file, count(row), `${keptVersion === '' ? keptFile : shortVersion(keptVersion)}, row ${count(keptRow)}`, Object.entries(cells).map(([column, cell]) => `${column}=${cell}`).join(', ')]),
          ) + moreLine(more, limit),
  );
}

/** Cells that are not in the dataset as they stood in the source. */
export async function listLedger(session: Session, name: string, { version, limit: text }: Options): Promise<void> {
  const limit = limitOption(text);
  const parent = versionOf(name, version);
  const ingestion = await session.connect(IngestionServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { ledgerEntries, nextPageToken } = await ingestion.listLedgerEntries({ parent, ...part }, session.call);
    return { rows: ledgerEntries, nextPageToken };
  });
  session.answer(
    () => ({ ledgerEntries: rows.map((entry) => LedgerEntry.toJSON(entry)) }),
    () =>
      rows.length === 0
        ? `${parent} has no ledger: every cell could be read, and is what stood in the source.\n`
        : session.table(
            [{ title: 'FILE' }, { title: 'ROW', align: 'right' }, { title: 'COLUMN' }, { title: 'FOUND', shrink: true }, { title: 'BECAME', shrink: true }, { title: 'STEP' }, { title: 'HOW' }, { title: 'WHY' }],
            rows.map(({ file, row, column, found, became, action, step, reason }) => [file, count(row), column, found, became, step, ACTIONS[action], reason]),
          ) + moreLine(more, limit),
  );
}
