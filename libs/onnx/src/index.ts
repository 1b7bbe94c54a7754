export type { Attribute, Attributes } from './attribute.js';
export { type Dim, type ModelVersions, OnnxGraph, type Value } from './graph.js';
export { type Tensor, tensor, type TensorType } from './tensor.js';
