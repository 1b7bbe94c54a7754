import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ObjectStore } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { type DraftContract, draftContract, keepMet, keyCandidates } from './draft-contract.js';
import { ingest } from './ingest.js';
import type { IngestResult } from './ingest-result.js';
import type { RowCounts } from './table-object.js';
import { type Contract, OPEN_CONTRACT } from './contract.js';
import type { IngestionLimits } from './ingestion-run.service.js';
import type { Source } from './reading/source.js';
import { checkSource } from './reading/sources.js';

const INSPECT_MEMORY = '512MB';

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
    const draft = draftContract(await this.inspect(source, { contract: OPEN_CONTRACT, signal }));
    const unique = keyCandidates(draft.contract).map(({ name }) => ({ name: `${name}-unique`, severity: 'WARN' as const, column: name, rule: { kind: 'unique' as const, with: [] } }));
    const asked = { ...draft, contract: { ...draft.contract, expectations: [...draft.contract.expectations, ...unique] } };
    const kept = keepMet(asked, await this.inspect(source, { contract: asked.contract, signal }));
    const { counts } = await this.inspect(source, { contract: kept.contract, signal });
    return { ...kept, counts };
  }
}
