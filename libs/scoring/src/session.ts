import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { feedTensors, type InputLayout, type PackedInputs } from '@millrace/plan';
import { errors } from './errors.js';

/** The one output of every packed graph. */
export const SCORE = 'score';

type Ort = typeof import('onnxruntime-node');
let runtime: Promise<Ort> | undefined;

/** ONNX Runtime, loaded when the first model is. It is an optional dependency because its binary does not exist for every platform. */
const loadRuntime = (): Promise<Ort> =>
  (runtime ??= import('onnxruntime-node').catch((cause: unknown) => {
    throw errors.RUNTIME_MISSING({ platform: `${process.platform}-${process.arch}` }, { cause });
  }));

/** A graph that is ready to run in this thread. Running it blocks the thread: large batches belong into a worker. */
export class ModelSession {
  private constructor(
    private readonly ort: Ort,
    private readonly session: InferenceSession,
    private readonly layout: InputLayout,
  ) {}

  /** One thread: with more of them a batch does not give the bits that a row gives. */
  static async open(onnxFile: string, layout: InputLayout): Promise<ModelSession> {
    const ort = await loadRuntime();
    const session = await ort.InferenceSession.create(onnxFile, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 });
    return new ModelSession(ort, session, layout);
  }

  /** The score of every packed row. */
  async run(inputs: PackedInputs): Promise<Float64Array> {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, type, data, dims } of feedTensors(this.layout, inputs)) {
      if (this.session.inputNames.includes(name)) feeds[name] = new this.ort.Tensor(type as 'float64', data as Float64Array, dims as readonly number[]);
    }
    const output = (await this.session.run(feeds, [SCORE]).catch(failed))[SCORE];
    if (!output) throw errors.SCORING_FAILED({ why: 'it gave no score' });
    return Float64Array.from(output.data as Float32Array | Float64Array);
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function failed(cause: unknown): never {
  throw errors.SCORING_FAILED({ why: cause instanceof Error ? cause.message.trim() : String(cause) }, { cause });
}
