import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { ModelAliasMoved, ModelVersionRegistered } from '@millrace/contracts/millrace/registry/v1/events';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { catalogue } from '@millrace/events';
import { openLocalObjects, type ObjectStore } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import { packModel } from '@millrace/scoring';
import { eventually, type Home, startHome } from '@millrace/testing';
import { registryService } from './index.js';

/** The registry at work over a directory of its own. */
export class RegistryHome {
  readonly registry: Client<typeof RegistryServiceDefinition>;
  #names = 0;

  private constructor(
    readonly home: Home,
    readonly objects: ObjectStore,
  ) {
    this.registry = home.client(RegistryServiceDefinition);
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<RegistryHome> {
    const home = await startHome([registryService], { env });
    return new RegistryHome(home, await openLocalObjects(join(home.directory, 'objects')));
  }

  close(): Promise<void> {
    return this.home.close();
  }

  /** A name that no other story has. */
  fresh(kind: string): string {
    return `${kind}-${++this.#names}`;
  }

  /** Stores a text; gives its digest. */
  async put(text: string): Promise<string> {
    return (await this.objects.put(Buffer.from(text))).digest;
  }

  /** A packed model, equal for an equal seed: its artefact, and all objects that it needs. */
  async artifact(seed: string): Promise<{ readonly digest: string; readonly objects: readonly string[]; readonly modelDigest: string }> {
    const signature = {
      inputs: [
        { name: 'distance', type: 'FLOAT64', nullable: true, min: 1, max: 4_983, categories: undefined },
        { name: 'origin', type: 'STRING', nullable: false, min: undefined, max: undefined, categories: ['ATL', 'ORD'] },
      ],
      output: 'score',
      eventTime: '',
    } as const;
    const packed = await packModel(this.objects, { onnx: Buffer.from(`graph ${seed}`), signature, plan: '{}', planDigest: `sha256:${'0'.repeat(64)}`, estimator: 'trees', params: '{}', model: Buffer.from(seed) });
    return { digest: packed.ref.digest, objects: packed.objects, modelDigest: packed.modelDigest };
  }

  /** Registers a version of a fresh artefact. */
  async register(model: string, { seed = this.fresh('seed'), requestId = '', ...draft }: Partial<ModelVersion> & { readonly seed?: string; readonly requestId?: string } = {}): Promise<ModelVersion> {
    const { digest } = await this.artifact(seed);
    return this.registry.createModelVersion({ parent: `models/${model}`, requestId, modelVersion: { artifact: { digest }, ...draft } });
  }

  /** Collects everything that nobody keeps, however new it is. */
  async collect(): Promise<void> {
    await sleep(5);
    await this.objects.collect({ olderThanMs: 0 });
  }

  /** What was published about a model: numbers of registered versions, and moves as `alias from→to`; waits for as many as are asked for. */
  async events(model: string, count: number): Promise<readonly string[]> {
    const number = (name: string): string => name.split('/')[3] ?? '–';
    const read = async (): Promise<readonly string[]> => {
      const told: string[] = [];
      const { modelVersionRegistered, modelAliasMoved } = catalogue.registry;
      for await (const record of this.home.bus.replay(modelAliasMoved.topic, { from: 0n })) {
        if (record.key !== `models/${model}`) continue;
        if (record.headers['ce_type'] === modelVersionRegistered.type) told.push(`registered ${number(ModelVersionRegistered.decode(record.value).modelVersion?.name ?? '')}`);
        if (record.headers['ce_type'] !== modelAliasMoved.type) continue;
        const { alias, move } = ModelAliasMoved.decode(record.value);
        told.push(`${alias?.name.split('/')[3]} ${number(move?.from ?? '')}→${number(move?.to ?? '')}`);
      }
      return told;
    };
    return eventually(`${count} events of ${model}`, async () => {
      const told = await read();
      return told.length >= count && told;
    });
  }
}
