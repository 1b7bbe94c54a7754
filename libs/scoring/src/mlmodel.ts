import type { ColumnType } from '@millrace/core';
import type { Signature } from './artifact.js';

/** Column types in the words of MLflow's signature. */
const MLFLOW_TYPES: Record<ColumnType, string> = { BOOL: 'boolean', INT64: 'long', FLOAT64: 'double', STRING: 'string', TIMESTAMP: 'datetime' };

/** The MLmodel file of an artefact: YAML as MLflow reads it, with the ONNX flavor. No times in it, so equal models give equal files. */
export function mlmodelText({ inputs, output }: Signature, { estimator, modelDigest }: { estimator: string; modelDigest: string }): string {
  const inputSchema = JSON.stringify(inputs.map(({ name, type, nullable }) => ({ type: MLFLOW_TYPES[type], name, required: !nullable })));
  const outputSchema = JSON.stringify([{ type: 'double', name: output, required: true }]);
  return [
    'artifact_path: model',
    'flavors:',
    '  onnx:',
    '    data: model.onnx',
    '    onnx_version: 1.17.0',
    '    providers:',
    '    - CPUExecutionProvider',
    '  millrace:',
    `    estimator: ${estimator}`,
    `    model_digest: ${modelDigest}`,
    'signature:',
    `  inputs: '${inputSchema.replaceAll("'", "''")}'`,
    `  outputs: '${outputSchema.replaceAll("'", "''")}'`,
    '  params: null',
    '',
  ].join('\n');
}
