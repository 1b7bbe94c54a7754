export type { FitTreesOptions, TreesData } from './trees-data.js';
export { fitTrees } from './trees-fit.js';
export { treesDigest, treesFromBytes, treesToBytes } from './trees-bytes.js';
export type { TreesModel } from './trees-model.js';
export { treesToOnnx } from './trees-onnx.js';
export { DEFAULT_TREES, type TreesParams } from './trees-params.js';
export { predictTrees } from './trees-predict.js';
