import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ObjectStore, openLocalObjects } from '@millrace/objects';
import { OnnxGraph, tensor } from '@millrace/onnx';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { artifactObjects, type ModelParts, packModel, readArtifact, SCORE, Scorer, type Signature, WORKER_ROWS } from './index.js';

const signature: Signature = {
  inputs: [
    { name: "pilot's age", type: 'FLOAT64', nullable: true, min: 21, max: 64, categories: undefined },
    { name: 'distance', type: 'INT64', nullable: false, min: 30, max: 4_962, categories: undefined },
  ],
  output: 'late',
  eventTime: '',
};

/** s / (1 + |s|) of s = age × 0.01 - distance × 0.0003, by operations that are exact to the last bit wherever they run; ONNX Runtime's Sigmoid is not. */
function graphBytes(): Uint8Array {
  const graph = new OnnxGraph();
  const age = graph.input('f64', 'double', ['N', 1]);
  const distance = graph.op('Cast', [graph.input('i64', 'int64', ['N', 1])], { to: { int: 11 } });
  const sum = graph.op('Add', [graph.op('Mul', [age, graph.constant(tensor.double([0.01]))]), graph.op('Mul', [distance, graph.constant(tensor.double([-0.0003]))])]);
  const soft = graph.op('Div', [sum, graph.op('Add', [graph.constant(tensor.double([1])), graph.op('Abs', [sum])])]);
  graph.output(SCORE, 'double', ['N'], graph.op('Squeeze', [soft, graph.constant(tensor.int64([1]))]));
  return graph.bytes();
}

const parts = (more: Partial<ModelParts> = {}): ModelParts => ({ onnx: graphBytes(), signature, plan: '{}', planDigest: 'sha256:plan', estimator: 'logistic', params: '{"l2":1}', model: new Uint8Array([1, 2, 3]), ...more });
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ "pilot's age": 21 + (i % 43) + i / 1_000, distance: BigInt(30 + i * 7) }));

let dir: string;
let objects: ObjectStore;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-scoring-'));
  objects = await openLocalObjects(dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

it('packs equal models to equal digests, and reads back what was packed', async () => {
  const [first, second, other] = [await packModel(objects, parts()), await packModel(objects, parts()), await packModel(objects, parts({ params: '{"l2":2}' }))];
  expect(second).toEqual(first);
  expect(other.ref.digest).not.toBe(first.ref.digest);
  // The graph is the same, and whoever asks whether the model changed sees that.
  expect(other.modelDigest).toBe(first.modelDigest);
  const artifact = await readArtifact(objects, first.ref.digest);
  expect(artifact).toMatchObject({ digest: first.ref.digest, modelDigest: first.modelDigest, planDigest: 'sha256:plan', estimator: 'logistic', signature: JSON.parse(JSON.stringify(signature)) as object });
  expect(Buffer.compare(readFileSync(artifact.onnxFile), graphBytes())).toBe(0);
  expect(artifact.objects.length).toBe(7);
  expect(await artifactObjects(objects, first.ref.digest)).toEqual(artifact.objects);
  expect(first.objects).toEqual(expect.arrayContaining([...artifact.objects]));
});

it('writes an MLmodel file that MLflow can read', async () => {
  const { objects: digests } = await packModel(objects, parts());
  const texts = await Promise.all(digests.map(async (digest) => Buffer.from(await objects.read(digest)).toString('utf8')));
  const model = parse(texts.find((text) => text.startsWith('artifact_path:')) ?? '') as { flavors: Record<string, object>; signature: { inputs: string; outputs: string } };
  expect(model.flavors['onnx']).toMatchObject({ data: 'model.onnx' });
  expect(JSON.parse(model.signature.inputs)).toEqual([{ type: 'double', name: "pilot's age", required: false }, { type: 'long', name: 'distance', required: true }]);
  expect(JSON.parse(model.signature.outputs)).toEqual([{ type: 'double', name: 'late', required: true }]);
});

it('refuses what is no artefact, and one of a later format, by what is wrong with it', async () => {
  const put = async (text: string) => (await objects.put(Buffer.from(text))).digest;
  await expect(readArtifact(objects, await put('not JSON'))).rejects.toMatchObject({ reason: 'ARTIFACT_UNREADABLE', metadata: { why: 'it is not JSON' } });
  await expect(readArtifact(objects, await put('{"rows":3}'))).rejects.toMatchObject({ reason: 'ARTIFACT_UNREADABLE', metadata: { why: 'it has no format or files' } });
  await expect(readArtifact(objects, await put('[]'))).rejects.toMatchObject({ reason: 'ARTIFACT_UNREADABLE' });
  await expect(readArtifact(objects, await put('null'))).rejects.toMatchObject({ reason: 'ARTIFACT_UNREADABLE' });
  await expect(readArtifact(objects, await put('x'.repeat((1 << 20) + 1)))).rejects.toMatchObject({ metadata: { why: 'it is too large for a manifest' } });
  await expect(readArtifact(objects, await put('{"files":{},"format":"millrace-model/9"}'))).rejects.toMatchObject({ reason: 'ARTIFACT_FORMAT_UNKNOWN', metadata: { format: 'millrace-model/9', known: 'millrace-model/1' } });
  await expect(readArtifact(objects, await put('{"files":{},"format":"millrace-model/1"}'))).rejects.toMatchObject({ metadata: { why: 'it has no signature.json' } });
});

it('gives a row the same bits alone, among a few, and in a batch that goes to a worker', async () => {
  const { ref } = await packModel(objects, parts());
  const scorer = await Scorer.open(objects, ref.digest);
  const all = rows(WORKER_ROWS + 44);
  const batch = await scorer.scoreRows(all);
  const few = await scorer.scoreRows(all.slice(0, WORKER_ROWS - 1));
  const alone: number[] = [];
  for (const row of all) alone.push((await scorer.scoreRows([row]))[0] ?? Number.NaN);
  expect(Array.from(batch)).toEqual(alone);
  expect(Array.from(few)).toEqual(alone.slice(0, WORKER_ROWS - 1));
  expect(new Set(alone).size).toBe(all.length);
  expect(await scorer.scoreRows([])).toEqual(new Float64Array());
  expect((await scorer.scoreRows([{ distance: 30n }]))[0]).toBeNaN();
  await scorer.close();
});

it('names row and column of a cell of a wrong type', async () => {
  const { ref } = await packModel(objects, parts());
  const scorer = await Scorer.open(objects, ref.digest);
  await expect((async () => scorer.scoreRows([...rows(2), { distance: 'far' }]))()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', metadata: { column: 'distance', row: '2' } });
  await scorer.close();
});

it('answers or refuses every batch when it is closed in the midst of them, and refuses later ones', async () => {
  const { ref } = await packModel(objects, parts());
  const scorer = await Scorer.open(objects, ref.digest);
  const batches = Promise.allSettled(Array.from({ length: 20 }, () => scorer.scoreRows(rows(WORKER_ROWS))));
  await scorer.close();
  for (const outcome of await batches) expect(outcome).toMatchObject(outcome.status === 'fulfilled' ? { value: { length: WORKER_ROWS } } : { reason: { reason: expect.stringMatching(/^SCOR/) } });
  await expect(scorer.scoreRows(rows(1))).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SCORER_CLOSED' });
});

it('says that a graph cannot be run, in this thread and in a worker, and goes on', async () => {
  const graph = new OnnxGraph();
  const age = graph.input('f64', 'double', ['N', 1]);
  // Fails only when it runs: a matrix of N × 1 cannot take the shape 1 × 2.
  graph.output(SCORE, 'double', ['N'], graph.op('Squeeze', [graph.op('Reshape', [age, graph.constant(tensor.int64([1, 2]))]), graph.constant(tensor.int64([0]))]));
  const { ref } = await packModel(objects, parts({ onnx: graph.bytes() }));
  const scorer = await Scorer.open(objects, ref.digest);
  await expect(scorer.scoreRows(rows(1))).rejects.toMatchObject({ reason: 'SCORING_FAILED' });
  await expect(scorer.scoreRows(rows(WORKER_ROWS))).rejects.toMatchObject({ reason: 'SCORING_FAILED' });
  expect((await scorer.scoreRows(rows(2))).length).toBe(2);
  await scorer.close();
});

it('refuses an artefact of which a file was changed on disk', async () => {
  const { ref } = await packModel(objects, parts({ planDigest: 'sha256:changed' }));
  const { onnxFile } = await readArtifact(objects, ref.digest);
  const changed = readFileSync(onnxFile);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  chmodSync(onnxFile, 0o600);
  writeFileSync(onnxFile, changed);
  await expect(Scorer.open(await openLocalObjects(dir), ref.digest)).rejects.toMatchObject({ domain: 'objects.millrace' });
});
