import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { LedgerEntry } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import type { ReactNode } from 'react';
import { dataCalls } from '../../calls/data.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown } from '../../parts/states.js';
import { type Column, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { count, numberOf, plural, toldText } from '../../text.js';
import { nameOf, placeIn, VersionHead, type VersionPlace } from './version-head.js';

const KINDS = { quarantined: 'Quarantined rows', duplicates: 'Duplicates', cells: 'Mended cells' } as const;
type Kind = keyof typeof KINDS;
const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text);

/** What the run of a version set aside, each with its place in the source: rows that broke the contract, rows that another one stands for, cells that were changed. */
export function SetAsidePage({ kind = 'quarantined', ...place }: VersionPlace & { readonly kind: string | undefined }) {
  const version = useAnswer(dataCalls.datasetVersion(nameOf(place)));
  return (
    <>
      <VersionHead place={place} part="rows" />
      <Shown answer={version} what="the version">
        {(value) => (
          <>
            <ul className="ways small" aria-label="Kinds of what was set aside">
              {Object.entries(KINDS).map(([key, word]) => (
                <li key={key}>
                  <Link href={placeIn(place, `rows/${key}`)} aria-current={key === kind ? 'true' : undefined}>
                    {word} <span className="amount">{count(countOf(key as Kind, value))}</span>
                  </Link>
                </li>
              ))}
            </ul>
            {isKind(kind) ? <Kept kind={kind} version={value} /> : <Empty title="There is no such kind">Rows are quarantined or duplicates, and cells are mended.</Empty>}
          </>
        )}
      </Shown>
    </>
  );
}

function countOf(kind: Kind, { counts, ledger }: DatasetVersion): bigint {
  return kind === 'quarantined' ? (counts?.quarantined ?? 0n) : kind === 'duplicates' ? (counts?.duplicates ?? 0n) : (ledger?.rows ?? 0n);
}

function Kept({ kind, version }: { readonly kind: Kind; readonly version: DatasetVersion }) {
  const columns = (version.schema?.columns ?? []).map(({ name }) => name);
  return kind === 'quarantined' ? <Quarantined version={version.name} columns={columns} /> : kind === 'duplicates' ? <Duplicates version={version.name} columns={columns} /> : <CellLedger version={version.name} />;
}

interface InFile {
  readonly file: string;
  readonly row: bigint;
}

const inFile = <Row extends InFile>(): Column<Row> => ({ head: 'Place', cell: ({ file, row }) => <>row {count(row)}<small className="below">{file}</small></>, plain: ({ file, row }) => `${file}, row ${row}` });

interface Cells {
  readonly cells: Readonly<Record<string, string>>;
  /** The record itself, where it fell apart before it had cells. */
  readonly text?: string;
}

const isUnread = ({ text = '' }: Cells): boolean => text !== '';
const cellsOf = <Row extends Cells>(columns: readonly string[]): readonly Column<Row>[] => columns.map((name) => ({ head: name, cell: (row) => toldCell(row, name), plain: (row) => row.cells[name] }));

function toldCell(row: Cells, column: string): ReactNode {
  const text = row.cells[column];
  if (text !== undefined) return toldText(text);
  return isUnread(row) ? undefined : <span className="quiet">missing</span>;
}

function Quarantined({ version, columns }: { readonly version: string; readonly columns: readonly string[] }) {
  const pages = usePages(dataCalls.quarantinedRows(version));
  const rows = pages.pages.flatMap(({ quarantinedRows }) => quarantinedRows);
  return (
    <Shown answer={pages.first} what="quarantined rows">
      {() =>
        rows.length === 0 ? (
          <Empty title="No row was quarantined">Every row that was read for version {numberOf(version)} kept its contract.</Empty>
        ) : (
          <>
            <Table title="Quarantined rows" hidden rows={rows} keyOf={({ file, row }) => `${file} ${row}`} columns={[inFile(), { head: 'Why', cell: ({ reasons }) => <ul className="reasons">{reasons.split('; ').map((reason) => <li key={reason}>{reason}</li>)}</ul> }, ...(rows.some(isUnread) ? [{ head: 'As it stood', cell: ({ text }: (typeof rows)[number]) => <code>{text}</code> }] : []), ...(rows.every(isUnread) ? [] : cellsOf<(typeof rows)[number]>(columns))]} />
            <More of={pages} shown={rows.length} noun="rows" />
          </>
        )
      }
    </Shown>
  );
}

function Duplicates({ version, columns }: { readonly version: string; readonly columns: readonly string[] }) {
  const pages = usePages(dataCalls.duplicateRows(version));
  const rows = pages.pages.flatMap(({ duplicateRows }) => duplicateRows);
  return (
    <Shown answer={pages.first} what="duplicates">
      {() =>
        rows.length === 0 ? (
          <Empty title="No row was a duplicate">Every row that was read for version {numberOf(version)} is the only one with its key.</Empty>
        ) : (
          <>
            <Table
              title="Duplicates"
              hidden
              rows={rows}
              keyOf={({ file, row }) => `${file} ${row}`}
              columns={[inFile(), { head: 'The row that stays', cell: ({ keptFile, keptRow, keptVersion }) => (keptVersion === '' ? <>row {count(keptRow)}<small className="below">{keptFile}</small></> : <>row {count(keptRow)} of <Resource name={keptVersion} /></>) }, ...cellsOf<(typeof rows)[number]>(columns)]}
            />
            <More of={pages} shown={rows.length} noun="rows" />
          </>
        )
      }
    </Shown>
  );
}

const ACTIONS: Readonly<Record<string, string>> = { ACTION_REPAIRED: 'mended', ACTION_EMPTIED: 'emptied', ACTION_SET_ASIDE: 'its row was quarantined' };

function CellLedger({ version }: { readonly version: string }) {
  const pages = usePages(dataCalls.ledgerEntries(version));
  const entries = pages.pages.flatMap(({ ledgerEntries }) => ledgerEntries);
  return (
    <Shown answer={pages.first} what="mended cells">
      {() =>
        entries.length === 0 ? (
          <Empty title="No cell was changed">Every cell of version {numberOf(version)} is as it stood in the source.</Empty>
        ) : (
          <>
            <p className="quiet">{plural(entries.length, 'cell')} of the ledger, by file and row.</p>
            <Table<LedgerEntry>
              title="Mended cells"
              hidden
              rows={entries}
              keyOf={({ file, row, column }) => `${file} ${row} ${column}`}
              columns={[inFile(), { head: 'Column', cell: ({ column }) => column }, { head: 'Stood there', cell: ({ found }) => <code>{toldText(found)}</code> }, { head: 'Is now', cell: ({ became, action }) => (action === 'ACTION_REPAIRED' ? <code>{toldText(became)}</code> : <span className="quiet">missing</span>) }, { head: 'What was done', cell: ({ action }) => ACTIONS[action] ?? '–' }, { head: 'Why', cell: ({ reason }) => reason }]}
            />
            <More of={pages} shown={entries.length} noun="cells" />
          </>
        )
      }
    </Shown>
  );
}
