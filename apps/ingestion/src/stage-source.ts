import type { Tables } from '@millrace/tables';
import { type Stage, stageRows } from './cleaning/stage.js';
import { checkContract, type Contract } from './contract.js';
import { errors } from './errors.js';
import type { Base } from './ingest-argument.js';
import { columnOf, inferColumns } from './reading/inferred-columns.js';
import { openRawTable } from './reading/open-raw-table.js';
import type { RawTable } from './reading/raw-table.js';
import type { TimeFilter } from './reading/source.js';
import { refuseChanged, type SourceFile } from './reading/source-files.js';
import { asSourceFault } from './reading/source-fault.js';

/** How a source is read. */
export interface StageOptions {
  readonly given: Contract;
  readonly base: Base | undefined;
  readonly timeFilter: TimeFilter | undefined;
  /** Columns that are inferred get names that a contract takes, where theirs are refused. */
  readonly renames?: boolean;
  /** Parts that are left out. */
  readonly done?: readonly string[];
  readonly signal: AbortSignal;
}

/** A source as typed rows. */
export interface StagedSource {
  /** With its columns. */
  readonly contract: Contract;
  readonly raws: readonly RawTable[];
  readonly stage: Stage;
}

/** Everything that touches the files of the source; what goes wrong with one of them is told of that file. */
export async function stageSource(tables: Tables, files: readonly SourceFile[], { given, base, timeFilter, renames = false, done = [], signal }: StageOptions): Promise<StagedSource> {
  const opened: RawTable[] = [];
  const wanted = isReadOnce(files, { timeFilter, done }) ? sourceNames(given, base) : undefined;
  for (const [index, file] of files.entries()) opened.push(await openRawTable(tables, file, { index, wanted }));
  try {
    const contract = await completeContract(tables, given, { raws: opened, base, renames });
    const { raws, ...stage } = await stageRows(tables, opened, { contract, timeFilter, done, signal });
    await refuseChanged(files);
    return { contract, raws, stage };
  } catch (error) {
    throw await asSourceFault(error, files);
  }
}

/** Whether the rows of all files stay, and in their order, so that their places tell their numbers. */
const isReadOnce = (files: readonly SourceFile[], { timeFilter, done }: Required<Pick<StageOptions, 'done'>> & Pick<StageOptions, 'timeFilter'>): boolean => timeFilter === undefined && done.length === 0 && files.every(({ format }) => format === 'CSV');

/** The columns that will be read, by the names that they have in the source; undefined where they are only known once it has been looked through. */
function sourceNames({ columns }: Contract, base: Base | undefined): ReadonlySet<string> | undefined {
  if (columns.length === 0 && base === undefined) return undefined;
  return new Set(columns.length > 0 ? columns.map(({ sourceName }) => sourceName) : base?.schema.map(({ name }) => name));
}

/** Columns that the contract leaves open are those of the version that is appended to, else those that the first file seems to have. */
async function completeContract(tables: Tables, given: Contract, { raws: [first], base, renames }: { raws: readonly RawTable[]; base: Base | undefined; renames: boolean }): Promise<Contract> {
  if (given.columns.length === 0 && base) return checkContract({ ...given, columns: base.schema.map(columnOf) });
  if (given.columns.length === 0 && first) return checkContract({ ...given, columns: await inferColumns(tables, first, { renames }) });
  checkContract(given);
  if (base) refuseOtherSchema(given, base);
  return given;
}

function refuseOtherSchema({ columns }: Contract, { version, schema }: Base): void {
  for (let i = 0; i < Math.max(columns.length, schema.length); i++) {
    const [ours, theirs] = [columns[i], schema[i]].map((column) => (column ? `${column.name} ${column.type}` : 'nothing'));
    if (ours !== theirs) throw errors.SCHEMA_DIFFERS({ version, position: String(i + 1), theirs: theirs ?? '', ours: ours ?? '' });
  }
}
