import { createHash } from 'node:crypto';
import { canonicalJson, type ColumnType, parseCanonicalJson } from '@millrace/core';
import type { Digest, ObjectRef, ObjectStore } from '@millrace/objects';
import { errors } from './errors.js';
import { mlmodelText } from './mlmodel.js';

/** One input of a model, with what training saw of it. */
export interface SignatureInput {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Numbers, and times in microseconds. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Texts that training saw; undefined when there were too many to keep. */
  readonly categories: readonly string[] | undefined;
}

/** What goes into a model and what comes out. */
export interface Signature {
  readonly inputs: readonly SignatureInput[];
  /** Name of the one output: a probability, or a number. */
  readonly output: string;
  /** The TIMESTAMP input that says when the thing predicted happens; empty when there is none. */
  readonly eventTime: string;
}

/** What a packed model is made of. */
export interface ModelParts {
  /** The graph of fitted transforms and model, one output `score`. */
  readonly onnx: Uint8Array;
  readonly signature: Signature;
  /** The fitted plan as JSON. */
  readonly plan: string;
  readonly planDigest: string;
  readonly estimator: string;
  /** Hyper-parameters as JSON. */
  readonly params: string;
  /** The model in its own form, for explanations and further training. */
  readonly model: Uint8Array;
}

/** The manifest that an artefact is named by: every file with its digest. */
interface ArtifactManifest {
  readonly format: string;
  readonly modelDigest: string;
  readonly planDigest: string;
  readonly estimator: string;
  readonly files: Readonly<Record<string, { readonly digest: Digest; readonly size: number }>>;
}

/** A model as it was packed, its graph as a verified local file. */
export interface Artifact {
  readonly digest: Digest;
  readonly modelDigest: string;
  readonly planDigest: string;
  readonly estimator: string;
  readonly signature: Signature;
  readonly onnxFile: string;
  /** All objects of the artefact, itself included: what must be kept with it. */
  readonly objects: readonly Digest[];
}

export interface PackedModel {
  readonly ref: ObjectRef;
  /** Digest of the graph alone: equal for equal data, plan, parameters and seed. */
  readonly modelDigest: string;
  readonly objects: readonly Digest[];
}

const FORMAT = 'millrace-model/1';

/** Stores the files of a model and the manifest that names them; equal models have equal digests. No pickle, no code. */
export async function packModel(objects: ObjectStore, parts: ModelParts): Promise<PackedModel> {
  const modelDigest = `sha256:${createHash('sha256').update(parts.onnx).digest('hex')}`;
  const contents: Record<string, Uint8Array> = {
    'model.onnx': parts.onnx,
    'model.bin': parts.model,
    'signature.json': Buffer.from(canonicalJson(parts.signature)),
    'plan.json': Buffer.from(parts.plan),
    'params.json': Buffer.from(parts.params),
    MLmodel: Buffer.from(mlmodelText(parts.signature, { estimator: parts.estimator, modelDigest })),
  };
  const files: Record<string, { digest: Digest; size: number }> = {};
  for (const [path, bytes] of Object.entries(contents)) files[path] = await objects.put(bytes);
  const manifest: ArtifactManifest = { format: FORMAT, modelDigest, planDigest: parts.planDigest, estimator: parts.estimator, files };
  const ref = await objects.put(Buffer.from(canonicalJson(manifest)));
  return { ref, modelDigest, objects: [ref.digest, ...Object.values(files).map(({ digest }) => digest)] };
}

/** Reads an artefact; every digest is verified on the way. */
export async function readArtifact(objects: ObjectStore, digest: Digest): Promise<Artifact> {
  const manifest = await readManifest(objects, digest);
  const file = (path: string): Digest => {
    const entry = manifest.files[path];
    if (!entry) throw errors.ARTIFACT_UNREADABLE({ digest, why: `it has no ${path}` });
    return entry.digest;
  };
  const signature = parseCanonicalJson(await readText(objects, file('signature.json'))) as Signature;
  const { modelDigest, planDigest, estimator } = manifest;
  return { digest, modelDigest, planDigest, estimator, signature, onnxFile: await objects.file(file('model.onnx')), objects: [digest, ...Object.values(manifest.files).map((entry) => entry.digest)] };
}

/** The fitted plan of an artefact, as JSON. */
export async function readFittedPlan(objects: ObjectStore, digest: Digest): Promise<string> {
  const entry = (await readManifest(objects, digest)).files['plan.json'];
  if (!entry) throw errors.ARTIFACT_UNREADABLE({ digest, why: 'it has no plan.json' });
  return readText(objects, entry.digest);
}

/** All objects that belong to an artefact, itself included. */
export async function artifactObjects(objects: ObjectStore, digest: Digest): Promise<readonly Digest[]> {
  return [digest, ...Object.values((await readManifest(objects, digest)).files).map((entry) => entry.digest)];
}

const MAX_MANIFEST_BYTES = 1 << 20;

async function readManifest(objects: ObjectStore, digest: Digest): Promise<ArtifactManifest> {
  if ((await objects.size(digest)) > MAX_MANIFEST_BYTES) throw errors.ARTIFACT_UNREADABLE({ digest, why: 'it is too large for a manifest' });
  const text = await readText(objects, digest);
  let manifest: Partial<ArtifactManifest> | null;
  try {
    manifest = parseCanonicalJson(text) as Partial<ArtifactManifest> | null;
  } catch (cause) {
    throw errors.ARTIFACT_UNREADABLE({ digest, why: 'it is not JSON' }, { cause });
  }
  if (typeof manifest?.format !== 'string' || typeof manifest.files !== 'object') throw errors.ARTIFACT_UNREADABLE({ digest, why: 'it has no format or files' });
  if (manifest.format !== FORMAT) throw errors.ARTIFACT_FORMAT_UNKNOWN({ digest, format: manifest.format, known: FORMAT });
  return manifest as ArtifactManifest;
}

const readText = async (objects: ObjectStore, digest: Digest): Promise<string> => Buffer.from(await objects.read(digest)).toString('utf8');
