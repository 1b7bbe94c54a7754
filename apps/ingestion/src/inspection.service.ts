import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ObjectStore } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { type DraftContract, draftContract, keepMet, keyCandidates } from './draft-contract.js';
import { ingest } from './ingest.js';
import type { IngestResult } from './ingest-result.js';
import { tellZeros, withTexts } from './leading-zeros.js';
import { isTaken, type NearReading, nearReadings, trialsOf } from './near-readings.js';
import type { RowCounts, TableObject } from './table-object.js';
import { type Contract, OPEN_CONTRACT } from './contract.js';
import type { IngestionLimits } from './ingestion-run.service.js';
import type { Source } from './reading/source.js';
import { checkSource } from './reading/sources.js';

const INSPECT_MEMORY = '512MB';
/** Of what could not be read so many are told, and so much of each. */
const [MAX_EXAMPLES, MAX_EXAMPLE] = [3, 40];

/** Tries a source against a contract; what it writes is named by nothing and goes with the next collection of garbage. */
export class InspectionService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly limits: IngestionLimits,
    private readonly clock: () => Date,
  ) {}

  async inspect(source: Source, { contract, signal }: { contract: Contract; signal: AbortSignal }): Promise<IngestResult> {
    const checked = await checkSource(source, this.limits);
    const directory = await mkdtemp(join(tmpdir(), 'millrace-source-'));
    const tables = await openTables({ objects: this.objects, memoryLimit: INSPECT_MEMORY, spillLimit: this.limits.spillLimit, threads: 1, allow: [directory, ...(isAbsolute(checked.path) ? [checked.path] : [])] });
    try {
      return await ingest({ source: checked, contract, parent: undefined, backfill: false, cursor: undefined, now: this.clock().getTime(), renames: true, s3: this.limits.s3 }, { tables, objects: this.objects, directory, signal, progress: () => undefined });
    } finally {
      await tables.close();
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** A contract that the source keeps: drafted from what is in it, tried on it, and tried again once what it does not keep is left out. */
  async infer(source: Source, { signal }: { signal: AbortSignal }): Promise<DraftContract & { readonly counts: RowCounts }> {
    const seen = await this.inspect(source, { contract: OPEN_CONTRACT, signal });
    const near = await this.#nearReadings(source, { seen, signal });
    const columns = seen.contract.columns.map((column) => {
      const reading = near.get(column.name);
      return reading && isTaken(reading) ? reading.column : column;
    });
    const typed = columns.some((column, i) => column !== seen.contract.columns[i]) ? await this.inspect(source, { contract: { ...OPEN_CONTRACT, columns }, signal }) : seen;
    const draft = draftContract(typed, near);
    const unique = keyCandidates(draft.contract).map(({ name }) => ({ name: `${name}-unique`, severity: 'WARN' as const, column: name, rule: { kind: 'unique' as const, with: [] } }));
    const asked = { ...draft, contract: { ...draft.contract, expectations: [...draft.contract.expectations, ...unique] } };
    const tried = await this.inspect(source, { contract: withTexts(asked.contract), signal });
    const kept = tellZeros(keepMet(asked, tried), tried.expectations);
    const { counts } = await this.inspect(source, { contract: kept.contract, signal });
    return { ...kept, counts };
  }

  /** How columns of texts could be read but for a few cells, by trying it on all of them. */
  async #nearReadings(source: Source, { seen, signal }: { seen: IngestResult; signal: AbortSignal }): Promise<ReadonlyMap<string, NearReading>> {
    const { columns } = seen.contract;
    const trials = trialsOf(columns, seen.profile.columns);
    if (trials.length === 0) return new Map();
    const tried = await this.inspect(source, { contract: { ...OPEN_CONTRACT, columns: [...columns, ...trials.map(({ column }) => column)] }, signal });
    const missing = new Map(tried.profile.columns.map((column) => [column.column, { cells: column.missing, rows: tried.counts.kept }]));
    return nearReadings(trials, { missing, unread: await this.#unread(tried.ledger, signal) });
  }

  /** What most often stood in cells that could not be read, by column. */
  async #unread(ledger: TableObject | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    if (!ledger) return new Map();
    await using tables = await openTables({ objects: this.objects, memoryLimit: INSPECT_MEMORY, spillLimit: this.limits.spillLimit, threads: 1 });
    const counted = `SELECT "column" AS name, left(found, ${MAX_EXAMPLE}) AS found, count(*) AS n FROM ${await tables.scan(ledger.digest)} WHERE action = 'EMPTIED' GROUP BY ALL`;
    const rows = await tables.rows<{ name: string; found: string }>(`SELECT name, found FROM (SELECT *, row_number() OVER (PARTITION BY name ORDER BY n DESC, found) AS place FROM (${counted})) WHERE place <= ${MAX_EXAMPLES} ORDER BY name, place`, undefined, { signal });
    const found = new Map<string, string[]>();
    for (const row of rows) found.set(row.name, [...(found.get(row.name) ?? []), row.found]);
    return found;
  }
}
