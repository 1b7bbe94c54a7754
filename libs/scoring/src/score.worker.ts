import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '@millrace/core';
import type { InputLayout } from '@millrace/plan';
import type { ScoreAnswer, ScoreRequest } from './scorer.js';
import { ModelSession } from './session.js';

const { onnxFile, layout } = workerData as { readonly onnxFile: string; readonly layout: InputLayout };
const session = ModelSession.open(onnxFile, layout);

parentPort?.on('message', ({ id, inputs }: ScoreRequest) => {
  void session
    .then((ready) => ready.run(inputs))
    .then(
      (scores): ScoreAnswer => ({ id, scores }),
      (error: unknown): ScoreAnswer => ({ id, error: error instanceof AppError ? (error.metadata['why'] ?? error.message) : error instanceof Error ? error.message : String(error) }),
    )
    .then((answer) => parentPort?.postMessage(answer));
});
