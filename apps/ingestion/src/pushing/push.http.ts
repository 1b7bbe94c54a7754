import { uuidv7 } from '@millrace/core';
import type { FastifyInstance } from 'fastify';
import { datasetName } from '../dataset.js';
import { ingestionRunName } from '../ingestion-run.js';
import type { IngestionRunService } from '../ingestion-run.service.js';
import type { PushService } from './push.service.js';

interface PushRoute {
  readonly Params: { readonly dataset: string };
  readonly Querystring: { readonly flush?: string };
  readonly Headers: { readonly 'idempotency-key'?: string };
  readonly Body: Buffer | undefined;
}

/** REST of pushed rows: JSON lines or an array as the body, the key as `Idempotency-Key`; with `?flush=true` a run is asked for at once. */
export function routes(http: FastifyInstance, pushes: PushService, runs: IngestionRunService): void {
  void http.register(async (scope) => {
    // The text of each row is kept: a parser would round integers of 64 bits.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes));
    scope.post<PushRoute>('/v1/datasets/:dataset([^:/]+)::push', async ({ params, query, headers, body }) => {
      const { dataset } = datasetName.parse(`datasets/${params.dataset}`);
      const { rows, known, pending } = await pushes.push(dataset, { key: headers['idempotency-key'] ?? '', bytes: body ?? new Uint8Array(0) });
      const run = query.flush === 'true' ? await runs.flush(dataset, uuidv7()) : undefined;
      return { rows, known, pendingRows: pending, ...(run ? { ingestionRun: ingestionRunName.format({ run: run.id }) } : {}) };
    });
  });
}
