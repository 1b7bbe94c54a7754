import { createHash } from 'node:crypto';
import { errors } from './errors.js';
import type { TreesModel } from './trees-model.js';

/** 'MRT1' as a little-endian number: the form of the bytes, counted up when it changes. */
const MAGIC = 0x3154524d;
const HEADER_BYTES = 24;
const NODE_BYTES = 4 + 4 + 4 + 4 + 4 + 1;

/** The model as bytes: a header (magic, features, trees, nodes, base), then each array, all little-endian; equal models, equal bytes. */
export function treesToBytes(model: TreesModel): Uint8Array {
  const { features, roots, feature, base } = model;
  const bytes = new Uint8Array(sizeOf(features, roots.length, feature.length));
  const view = new DataView(bytes.buffer);
  [MAGIC, features, roots.length, feature.length].forEach((word, i) => view.setUint32(4 * i, word, true));
  view.setFloat64(16, base, true);
  let at = HEADER_BYTES;
  for (const gain of model.gain) at = (view.setFloat64(at, gain, true), at + 8);
  for (const ints of [roots, feature, model.left, model.right]) for (const value of ints) at = (view.setInt32(at, value, true), at + 4);
  for (const floats of [model.threshold, model.value]) for (const value of floats) at = (view.setFloat32(at, value, true), at + 4);
  bytes.set(model.missingLeft, at);
  return bytes;
}

/** The model that `treesToBytes` wrote; throws TREES_BYTES for anything else, such as children that do not exist. */
export function treesFromBytes(bytes: Uint8Array): TreesModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw errors.TREES_BYTES({ fact: 'the header is another' });
  const [features, trees, nodes] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  if (bytes.length !== sizeOf(features, trees, nodes)) throw errors.TREES_BYTES({ fact: `there are ${bytes.length} bytes of ${sizeOf(features, trees, nodes)}` });
  let at = HEADER_BYTES;
  const next = (size: number) => (at += size) - size;
  const ints = (count: number) => Int32Array.from({ length: count }, () => view.getInt32(next(4), true));
  const floats = (count: number) => Float32Array.from({ length: count }, () => view.getFloat32(next(4), true));
  const gain = Float64Array.from({ length: features }, () => view.getFloat64(next(8), true));
  const [roots, feature, left, right] = [ints(trees), ints(nodes), ints(nodes), ints(nodes)];
  const [threshold, value] = [floats(nodes), floats(nodes)];
  return checked({ features, base: view.getFloat64(16, true), roots, feature, threshold, missingLeft: bytes.slice(at), left, right, value, gain });
}

/** SHA-256 over `treesToBytes`, as 'sha256:…'. */
export const treesDigest = (model: TreesModel): string => `sha256:${createHash('sha256').update(treesToBytes(model)).digest('hex')}`;

const sizeOf = (features: number, trees: number, nodes: number) => HEADER_BYTES + 8 * features + 4 * trees + NODE_BYTES * nodes;

/** Children come after their parent and within its tree, so no walk is endless or leaves the arrays. */
function checked(model: TreesModel): TreesModel {
  const nodes = model.feature.length;
  if ((model.roots[0] ?? 0) !== 0 || (model.roots.length === 0 && nodes > 0)) throw errors.TREES_BYTES({ fact: 'the first tree does not begin at the first node' });
  model.roots.forEach((root, tree) => {
    const end = model.roots[tree + 1] ?? nodes;
    if (root >= end) throw errors.TREES_BYTES({ fact: `tree ${tree} has no node` });
    for (let node = root; node < end; node++) {
      const feature = model.feature[node] ?? -1;
      const within = (child = -1) => child > node && child < end;
      if (feature >= model.features || (feature >= 0 && !(within(model.left[node]) && within(model.right[node])))) {
        throw errors.TREES_BYTES({ fact: `node ${node} of tree ${tree} points outside` });
      }
    }
  });
  return model;
}
