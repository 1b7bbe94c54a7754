import { isError, type PageRequest, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { STORE_DOMAIN } from '@millrace/store';
import { type Changes, isFinal, type JobDesk, type JobFilter, type JobOrder, type JobProgress, type JobStore } from '@millrace/service';
import { Checkpoints } from './checkpoints.js';
import { checkContract, OPEN_CONTRACT } from './contract.js';
import { datasetName, type DatasetVersion, datasetVersionName, digestsOf } from './dataset.js';
import type { DatasetService } from './dataset.service.js';
import { errors } from './errors.js';
import type { IngestJobArgument } from './ingest.job.js';
import type { Base } from './ingest-argument.js';
import type { IngestResult } from './ingest-result.js';
import { encodeChange } from './ingestion.events.js';
import { beginRun, completeRun, failRun, type IngestionRun, ingestionRunName, newRun, refuseFinal, type RunDraft } from './ingestion-run.js';
import { DatasetStore, type IngestionTables } from './dataset.store.js';
import { backfillRange } from './partition.js';
import { cursorKey, type Source } from './reading/source.js';
import type { RollupInput } from './rollup/roll-up.js';
import { checkRollup, type Rollup } from './rollup/rollup.js';
import type { SourceRules } from './reading/source-kind.js';
import { PushStore } from './pushing/push.store.js';
import type { PushService } from './pushing/push.service.js';
import { checkSource } from './reading/sources.js';
import { SourceCursorStore } from './source-cursor.store.js';

/** What the runs need to know of their home. */
export interface IngestionLimits extends SourceRules {
  readonly memoryLimit: string;
  readonly spillLimit: string;
  readonly threads: number;
}

export type IngestDesk = JobDesk<IngestionRun, IngestJobArgument, IngestResult>;

/** Starts, follows and ends ingestion runs. */
export class IngestionRunService {
  constructor(
    private readonly store: JobStore<IngestionRun>,
    private readonly datasets: DatasetService,
    private readonly cursors: SourceCursorStore,
    private readonly pushes: PushService,
    private readonly desk: IngestDesk,
    private readonly changes: Changes,
    private readonly objects: ObjectStore,
    private readonly limits: IngestionLimits,
    private readonly clock: () => Date,
  ) {}

  /** Takes an order; what can be known to be wrong before reading the source is refused here. */
  async create(draft: RunDraft): Promise<IngestionRun> {
    if (draft.contract.columns.length > 0) checkContract(draft.contract);
    refuseLoss(draft);
    if (draft.mode === 'BACKFILL' && draft.contract.partition) backfillRange(draft.source.timeFilter, draft.contract.partition);
    const source = await this.#settled(await checkSource(draft.source, this.limits), draft);
    await this.datasets.ensure(draft.dataset);
    const wanted = newRun(uuidv7(), { ...draft, source, contract: keyed(draft) }, this.clock());
    const run = await this.store.create(wanted);
    if (run.id === wanted.id) this.desk.created();
    return run;
  }

  /** Makes a version of the rows that were pushed, by the contract of the last run that did so; without one it is drafted from them. */
  async flush(dataset: string, requestId: string): Promise<IngestionRun> {
    const before = await this.store.list({ subject: dataset }, { size: RUNS_LOOKED_AT, after: undefined });
    const contract = before.find(({ source }) => source.push !== undefined)?.contract ?? OPEN_CONTRACT;
    return this.create({ dataset, source: { path: '', format: undefined, timeFilter: undefined, push: { last: 0, files: [] } }, contract, mode: 'APPEND', requestId });
  }

  async get(run: string): Promise<IngestionRun> {
    const found = await this.store.find(run);
    if (!found) throw errors.INGESTION_RUN_NOT_FOUND({ name: ingestionRunName.format({ run }) });
    return found;
  }

  list(filter: JobFilter, page: PageRequest): Promise<readonly IngestionRun[]> {
    return this.store.list(filter, page);
  }

  progress(run: string): JobProgress | undefined {
    return this.desk.progress(ingestionRunName.format({ run }));
  }

  watch(run: string, signal: AbortSignal): AsyncIterable<IngestionRun> {
    return this.changes.watch(ingestionRunName.format({ run }), () => this.get(run), { final: ({ status }) => isFinal(status), signal });
  }

  async cancel(run: string): Promise<IngestionRun> {
    const found = await this.get(run);
    refuseFinal(found);
    await this.desk.cancel(run, 'cancelled by the caller');
    return found;
  }

  /** Takes up what the last process left unfinished, and looks for more. */
  resume(): Promise<void> {
    return this.desk.start();
  }

  close(): Promise<void> {
    return this.desk.close();
  }

  async begin(name: string): Promise<void> {
    await this.store.save(beginRun(await this.#byName(name), this.clock()).run);
  }

  async complete(name: string, result: IngestResult): Promise<void> {
    const run = await this.#byName(name);
    if (isFinal(run.status)) return;
    const [dataset, latest] = [await this.datasets.get(run.dataset), await this.datasets.findLatest(run.dataset)];
    const change = completeRun(run, { result, dataset, latest, now: this.clock() });
    if (change.version) {
      const { version } = change;
      const digests = digestsOf(version);
      // Named before it is saved: a manifest without a version is harmless, a version without its objects is not.
      await this.objects.writeManifest(manifestName(version), { objects: digests, body: { digest: version.digest } });
    }
    // Whatever they name is named by the version now, or is of no use.
    await this.#checkpoints(run).clear();
    try {
      await this.store.save<IngestionTables>(change.run, encodeChange(change), async (tx) => {
        if (change.dataset && change.version) {
          await DatasetStore.addVersion(tx, change.dataset, change.version);
          if (run.mode === 'REPLACE') await SourceCursorStore.clear(tx, run.dataset);
        }
        if (run.source.push) await PushStore.taken(tx, run.dataset, run.source.push.last);
        if (change.cursor) await SourceCursorStore.save(tx, { dataset: run.dataset, source: cursorKey(run.source), cursor: change.cursor });
      });
    } catch (error) {
      // Another instance may be about to save the same version, and has named its objects.
      if (!isError(error, STORE_DOMAIN, 'LEASE_LOST') && change.version && !(await this.datasets.hasVersion(change.version))) await this.objects.deleteManifest(manifestName(change.version));
      throw error;
    }
  }

  async fail(name: string, error: unknown): Promise<void> {
    const run = await this.#byName(name);
    if (isFinal(run.status)) return;
    await this.#checkpoints(run).clear();
    const change = failRun(run, error, this.clock());
    await this.store.save(change.run, encodeChange(change));
  }

  #checkpoints({ id }: IngestionRun): Checkpoints {
    return new Checkpoints(this.objects, id);
  }

  /** The source by what it is now: the pushes that wait, the version by its number. */
  async #settled(source: Source, { dataset }: RunDraft): Promise<Source> {
    if (source.push) return { ...source, push: await this.pushes.pin(dataset) };
    return source.rollup ? { ...source, rollup: await this.#rollupOf(source.rollup, dataset) } : source;
  }

  /** The rollup of a version by its number, checked against it. */
  async #rollupOf(rollup: Rollup, dataset: string): Promise<Rollup> {
    const { dataset: finer, version } = datasetVersionName.parse(rollup.of);
    if (finer === dataset) throw errors.INVALID_SOURCE({ why: `source.rollup rolls ${datasetName.format({ dataset })} up into itself; give the finer dataset` });
    const found = await this.datasets.getVersion(finer, version);
    checkRollup(rollup, { schema: found.schema, eventTime: found.eventTimeColumn });
    return { ...rollup, of: datasetVersionName.format(found) };
  }

  /** What a rollup is made from. */
  async #finer(rollup: Rollup, dataset: string): Promise<RollupInput> {
    const { dataset: finer, version } = datasetVersionName.parse(rollup.of);
    const found = await this.datasets.getVersion(finer, version);
    return { rollup, schema: found.schema, eventTime: found.eventTimeColumn, objects: found.objects, before: (await this.datasets.findLatest(dataset))?.rollup };
  }

  async #base(dataset: string): Promise<Base | undefined> {
    const latest = await this.datasets.findLatest(dataset);
    return latest && { version: datasetVersionName.format(latest), schema: latest.schema, objects: latest.objects, eventTimeColumn: latest.eventTimeColumn, partitioning: latest.partitioning, partitions: latest.partitions ?? [] };
  }

  #byName(name: string): Promise<IngestionRun> {
    return this.get(ingestionRunName.parse(name).run);
  }

  order({ id, dataset, source, contract, mode, createTime }: IngestionRun): JobOrder<IngestJobArgument> {
    return {
      name: ingestionRunName.format({ run: id }),
      argument: async () => ({
        source: source.push ? { ...source, push: await this.pushes.place(dataset, source.push) } : source,
        contract,
        run: id,
        parent: mode === 'REPLACE' ? undefined : await this.#base(dataset),
        backfill: mode === 'BACKFILL',
        cursor: mode === 'APPEND' ? await this.cursors.find(dataset, cursorKey(source)) : undefined,
        finer: source.rollup && (await this.#finer(source.rollup, dataset)),
        now: createTime.getTime(),
        s3: this.limits.s3,
        objects: this.objects.place,
        memoryLimit: this.limits.memoryLimit,
        spillLimit: this.limits.spillLimit,
        threads: this.limits.threads,
      }),
    };
  }
}

/** Among so many of the last runs of a dataset one that read pushed rows is looked for. */
const RUNS_LOOKED_AT = 100;

/** What is read once and moves a cursor must not be left out by a filter: no later run would see it. */
function refuseLoss({ source, mode }: RunDraft): void {
  if (source.rollup && mode !== 'REPLACE') throw errors.INVALID_SOURCE({ why: 'a rollup replaces the version before: windows grow when rows come late; give mode REPLACE' });
  const isReadOnce = source.kafka !== undefined || source.push !== undefined || source.newFilesOnly === true;
  if (source.push && mode === 'BACKFILL') throw errors.INVALID_SOURCE({ why: 'pushed rows are read once and cannot fill parts anew; append them' });
  if (isReadOnce && source.timeFilter !== undefined && mode !== 'BACKFILL') throw errors.INVALID_SOURCE({ why: 'source.time_filter would pass over rows that no later run reads, because the source is read from where the last run stopped; leave it out' });
}

/** An event that was sent twice is one row. */
const keyed = ({ source: { kafka }, contract }: RunDraft): RunDraft['contract'] => (kafka && kafka.eventIdColumn !== '' && contract.key.length === 0 ? { ...contract, key: [kafka.eventIdColumn] } : contract);

const manifestName = (version: DatasetVersion): string => `ingestion/${datasetVersionName.format(version)}`;
