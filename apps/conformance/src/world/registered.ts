import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { packModel } from '@millrace/scoring';
import type { Home } from '../home/home.js';

/** An experiment with two runs that go on and one that ended; the first run has five values of `loss`. */
export interface Experiment {
  readonly experiment: string;
  readonly run: string;
}

/** A model with three versions; `champion` points at the second, `trial` at the first. */
export interface Model {
  readonly model: string;
  readonly versions: readonly ModelVersion[];
}

export async function makeExperiment({ registry }: Home): Promise<Experiment> {
  // Names whose order is another one by letters than by words.
  for (const name of ['x-b', 'xa', 'x0', 'x']) await registry.createExperiment({ experiment: { name: `experiments/${name}` } });
  const { name: experiment } = await registry.createExperiment({ experiment: { name: 'experiments/shared', description: 'shared by cases' } });
  const { name: run } = await registry.createRun({ parent: experiment, run: { displayName: 'first', tags: { shared: 'yes' } } });
  await registry.logRun({ name: run, metrics: [4, 3, 2, 1, 0].map((step) => ({ key: 'loss', step: BigInt(step), value: 1 / (step + 1), time: new Date(1_000 * step) })) });
  await registry.createRun({ parent: experiment });
  const ended = await registry.createRun({ parent: experiment });
  await registry.finishRun({ name: ended.name, state: Run_State.SUCCEEDED });
  return { experiment, run };
}

export async function makeModel(home: Home): Promise<Model> {
  const versions: ModelVersion[] = [];
  for (const seed of ['one', 'two', 'three']) versions.push(await register(home, 'shared', seed));
  const [first, second] = versions;
  for (const [alias, version] of [['champion', second], ['trial', first]] as const) await home.registry.moveAlias({ name: `models/shared/aliases/${alias}`, modelVersion: version?.name ?? '', reason: 'made' });
  return { model: 'models/shared', versions };
}

/** Registers a packed artefact whose bytes follow from the seed. */
export async function register({ registry, objects }: Home, model: string, seed: string, requestId = ''): Promise<ModelVersion> {
  const artifact = { digest: await packed(objects, seed) };
  return registry.createModelVersion({ parent: `models/${model}`, modelVersion: { artifact, metrics: { auc: 0.7 }, tags: { seed } }, requestId });
}

/** A packed artefact that nothing can run: enough for a registry, which reads what stands around a model. */
export async function packed(objects: Home['objects'], seed: string): Promise<string> {
  const signature = { inputs: [{ name: 'distance', type: 'FLOAT64', nullable: true, min: 1, max: 4_983, categories: undefined }], output: 'score', eventTime: '' } as const;
  const { ref } = await packModel(objects, { onnx: Buffer.from(`graph ${seed}`), signature, plan: '{}', planDigest: `sha256:${'0'.repeat(64)}`, estimator: 'trees', params: '{}', model: Buffer.from(seed) });
  return ref.digest;
}
