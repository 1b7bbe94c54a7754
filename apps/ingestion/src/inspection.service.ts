import { type ObjectStore, resolveAllowedPath } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { type DraftContract, draftContract, keepMet, keyCandidates } from './draft-contract.js';
import { ingest, type IngestResult, type RowCounts } from './ingest.js';
import type { Contract } from './contract.js';
import type { IngestionLimits } from './ingestion-run.service.js';
import type { Source } from './reading/source.js';

const INSPECT_MEMORY = '512MB';
const OPEN_CONTRACT: Contract = { columns: [], key: [], keep: 'FIRST', expectations: [], eventTime: '', extraColumns: 'FAIL', maxQuarantinedShare: 0 };

/** Tries a source against a contract; what it writes is named by nothing and goes with the next collection of garbage. */
export class InspectionService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly limits: IngestionLimits,
    private readonly clock: () => Date,
  ) {}

  async inspect(source: Source, { contract, signal }: { contract: Contract; signal: AbortSignal }): Promise<IngestResult> {
    const path = await resolveAllowedPath(source.path, this.limits.roots);
    const tables = await openTables({ objects: this.objects, memoryLimit: INSPECT_MEMORY, threads: 1, allow: [path] });
    try {
      return await ingest({ source: { ...source, path }, contract, parent: undefined, now: this.clock().getTime() }, { tables, signal, progress: () => undefined });
    } finally {
      await tables.close();
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
