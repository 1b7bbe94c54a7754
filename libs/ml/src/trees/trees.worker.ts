import { parentPort, workerData } from 'node:worker_threads';
import { EDGE_PLACES, findEdges } from './bin-edges.js';
import { GrowMemory } from './grow-memory.js';
import { linkKernels } from './kernels.js';
import { ModelBuilder } from './model-builder.js';
import { binRows } from './row-binner.js';
import type { WorkerNews, WorkerPlan, WorkerStart } from './thread-team.js';
import { TreeGrower } from './tree-grower.js';

const start = workerData as WorkerStart;
const tell = (news: WorkerNews) => parentPort?.postMessage(news);

parentPort?.once('message', (told: WorkerPlan) => grow(told));
shareInEdges();
tell({ kind: 'edges' });

function shareInEdges(): void {
  for (let feature = Atomics.add(start.next, 0, 1); feature < start.k; feature = Atomics.add(start.next, 0, 1)) {
    const found = findEdges(start, feature, start.bins);
    start.edges.set(found, feature * EDGE_PLACES);
    start.edgeCounts[feature] = found.length;
  }
}

function grow({ plan, memory: wasm, modules }: WorkerPlan): void {
  const part = { plan, memory: new GrowMemory(wasm), kernels: linkKernels(modules, wasm), thread: start.thread };
  const edges = Array.from(start.edgeCounts, (count, f) => start.edges.subarray(f * EDGE_PLACES, f * EDGE_PLACES + count));
  const builder = start.thread === 0 ? new ModelBuilder(plan.base, edges) : undefined;
  binRows(part, start.features);
  const grower = new TreeGrower(part);
  for (let done = 1; done <= plan.params.trees; done++) {
    const tree = grower.grow();
    if (tree === undefined) break;
    builder?.add(tree);
    if (builder) tell({ kind: 'round', done });
  }
  tell({ kind: 'done', model: builder?.build() });
}
