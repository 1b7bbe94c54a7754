import { Worker } from 'node:worker_threads';
import { entryUrl } from '@millrace/core';
import { EDGE_PLACES } from './bin-edges.js';
import { errors } from './errors.js';
import { fillMemory } from './grow-memory.js';
import { type GrowPlan, planGrowth } from './grow-plan.js';
import { compileKernels, type KernelModules } from './kernels.js';
import { type FitTreesOptions, positivesOf, type TreesData } from './trees-data.js';
import type { TreesModel } from './trees-model.js';
import type { TreesParams } from './trees-params.js';
import type { WasmMemory } from './web-assembly.js';

/** What a worker is started with: it shares in finding edges at once. */
export interface WorkerStart {
  readonly thread: number;
  readonly features: Float32Array;
  readonly rows: number;
  readonly k: number;
  readonly bins: number;
  /** The next feature whose edges nobody has looked for. */
  readonly next: Int32Array;
  /** EDGE_PLACES for each feature, and how many of them are used. */
  readonly edges: Float32Array;
  readonly edgeCounts: Int32Array;
}

/** What every worker is told when all edges are known. */
export interface WorkerPlan {
  readonly plan: GrowPlan;
  readonly memory: WasmMemory;
  readonly modules: KernelModules;
}

/** What workers say; rounds and the model come from the first. */
export type WorkerNews = { readonly kind: 'edges' } | { readonly kind: 'round'; readonly done: number } | { readonly kind: 'done'; readonly model: TreesModel | undefined };

/** Grows trees in worker threads, so that the caller's event loop stays free; ends them all on abort and when one fails. */
export async function growInTeam(data: TreesData, params: TreesParams, { threads, signal, onRound }: FitTreesOptions & { threads: number }): Promise<TreesModel> {
  const { rows, k, target } = data;
  const edges = new Float32Array(new SharedArrayBuffer(k * EDGE_PLACES * 4));
  const edgeCounts = new Int32Array(new SharedArrayBuffer(4 * k));
  const shared = { features: shareable(data.features), rows, k, bins: params.bins, next: new Int32Array(new SharedArrayBuffer(4)), edges, edgeCounts };
  const { promise, resolve, reject } = Promise.withResolvers<TreesModel>();
  const workers = Array.from({ length: threads }, (_, thread) => startWorker({ ...shared, thread }));

  let withoutEdges = threads;
  const begin = () => {
    const plan = planGrowth({ rows, k, threads, params, positives: positivesOf(target), edgeCounts: Array.from(edgeCounts) });
    const memory = fillMemory(plan, Array.from(edgeCounts, (count, f) => edges.subarray(f * EDGE_PLACES, f * EDGE_PLACES + count)), target);
    const told: WorkerPlan = { plan, memory, modules: compileKernels(plan) };
    for (const worker of workers) worker.postMessage(told);
  };
  const hear = (news: WorkerNews) => {
    if (news.kind === 'edges' && --withoutEdges === 0) begin();
    if (news.kind === 'round') onRound?.(news.done, params.trees);
    if (news.kind === 'done' && news.model !== undefined) resolve(news.model);
  };
  for (const [thread, worker] of workers.entries()) {
    const fail = (cause?: unknown) => reject(errors.TREES_WORKER({ thread: String(thread) }, { cause }));
    worker.on('message', (news: WorkerNews) => {
      try {
        hear(news);
      } catch (error) {
        reject(error);
      }
    });
    worker.on('error', fail);
    worker.on('exit', (code) => code !== 0 && fail());
  }
  const stop = () => reject(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Without the caller's loader options: a worker runs what is built. */
const startWorker = (start: WorkerStart) => new Worker(entryUrl(import.meta.url, './trees.worker.js'), { workerData: start, execArgv: [] });

/** The same numbers where all threads see them; no copy is made of what is shared already. */
function shareable(features: Float32Array): Float32Array {
  if (features.buffer instanceof SharedArrayBuffer) return features;
  const shared = new Float32Array(new SharedArrayBuffer(features.byteLength));
  shared.set(features);
  return shared;
}
