export { type Artifact, artifactObjects, type ModelParts, type PackedModel, packModel, readArtifact, readFittedPlan, type Signature, type SignatureInput } from './artifact.js';
export { inputSchema, Scorer, WORKER_ROWS } from './scorer.js';
export { ModelSession, SCORE } from './session.js';
