import { type ObjectStore, resolveAllowedPath } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { ingest, type IngestResult } from './ingest.js';
import type { Contract } from './contract.js';
import type { IngestionLimits } from './ingestion-run.service.js';
import type { Source } from './reading/source.js';

const INSPECT_MEMORY = '512MB';

/** Tries a source against a contract; what it writes is named by nothing and goes with the next collection of garbage. */
export class InspectionService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly limits: IngestionLimits,
  ) {}

  async inspect(source: Source, { contract, signal }: { contract: Contract; signal: AbortSignal }): Promise<IngestResult> {
    const path = await resolveAllowedPath(source.path, this.limits.roots);
    const tables = await openTables({ objects: this.objects, memoryLimit: INSPECT_MEMORY, threads: 1, allow: [path] });
    try {
      return await ingest({ source: { ...source, path }, contract, parent: undefined }, { tables, signal, progress: () => undefined });
    } finally {
      await tables.close();
    }
  }
}
