import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { LedgerEntry, QuarantinedRow } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import { fullName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count } from '../text/figures.js';
import { limitOption, moreLine } from './limit.js';

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

/** Cells of kept rows that are not what stood in the source. */
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
        ? `${parent} has no ledger: every cell that was kept is what stood in the source.\n`
        : session.table(
            [{ title: 'FILE' }, { title: 'ROW', align: 'right' }, { title: 'COLUMN' }, { title: 'FOUND', shrink: true }, { title: 'BECAME', shrink: true }, { title: 'HOW' }],
            rows.map(({ file, row, column, found, became, action }) => [file, count(row), column, found, became, action.replace('ACTION_', '').toLowerCase()]),
          ) + moreLine(more, limit),
  );
}
