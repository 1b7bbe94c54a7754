import type { ObjectStore } from '@millrace/objects';
import type { Contract } from './contract.js';
import type { RowCounts, TableObject } from './table-object.js';
import type { Partition } from './partition.js';
import type { Cursor } from './reading/source.js';

/** What was found when a run that is cut by time began: what it goes on with after an interruption. */
export interface RunPlan {
  /** The version that it adds to; empty for none. */
  readonly base: string;
  readonly contract: Contract;
  /** How far the source was read then. */
  readonly reached: Cursor | undefined;
  /** The files of the source, each with what tells that it is still the same, and the parts that its rows belong to. */
  readonly files: readonly { readonly label: string; readonly identity: string; readonly parts: readonly string[] }[];
}

/** What became of the rows of one part; those that belong to none have the key ''. */
export interface DonePart {
  readonly key: string;
  readonly counts: RowCounts;
  /** Undefined where no row of it is there. */
  readonly partition: Partition | undefined;
  readonly quarantine: TableObject | undefined;
  readonly ledger: TableObject | undefined;
  readonly duplicates: TableObject | undefined;
  /** Rows that broke each of the quarantining rules, by name. */
  readonly broken: Readonly<Record<string, number>>;
}

/** What a run has finished, kept as manifests until it ends: they name its objects, and every instance can read them. */
export class Checkpoints {
  constructor(
    private readonly objects: ObjectStore,
    /** Of the run. */
    private readonly id: string,
  ) {}

  async plan(): Promise<RunPlan | undefined> {
    return (await this.objects.readManifest(this.#planName))?.body as RunPlan | undefined;
  }

  keepPlan(plan: RunPlan): Promise<void> {
    return this.objects.writeManifest(this.#planName, { objects: [], body: plan });
  }

  async done(): Promise<readonly DonePart[]> {
    const names = await this.objects.listManifests(this.#partPrefix);
    const found = await Promise.all(names.map((name) => this.objects.readManifest(name)));
    return found.flatMap((manifest) => (manifest === undefined ? [] : [manifest.body as DonePart]));
  }

  keep(part: DonePart): Promise<void> {
    const { partition, quarantine, ledger, duplicates, key } = part;
    const objects = [partition?.object.digest, partition?.profile, quarantine?.digest, ledger?.digest, duplicates?.digest].filter((digest) => digest !== undefined);
    return this.objects.writeManifest(`${this.#partPrefix}${key === '' ? 'none' : key}`, { objects, body: part });
  }

  /** Forgets all: the run has ended, or begins anew. */
  async clear(): Promise<void> {
    for (const name of await this.objects.listManifests(`${FOLDER}/${this.id}/`)) await this.objects.deleteManifest(name);
  }

  get #planName(): string {
    return `${FOLDER}/${this.id}/plan`;
  }

  get #partPrefix(): string {
    return `${FOLDER}/${this.id}/parts/`;
  }
}

/** Beside those of versions, which go to other homes. */
const FOLDER = 'ingestion-runs';
