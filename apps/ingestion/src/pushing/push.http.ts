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

/** What is pushed: JSON lines or an array. */
interface Push {
  readonly bytes: Uint8Array;
  readonly key: string;
  readonly flush: boolean;
}

/** Keeps rows and says so in plain JSON; with `flush` a run is asked for at once. */
export async function pushJson({ pushes, runs }: { readonly pushes: PushService; readonly runs: IngestionRunService }, name: string, { bytes, key, flush }: Push) {
  const { dataset } = datasetName.parse(name);
  const { rows, known, pending } = await pushes.push(dataset, { key, bytes });
  const run = flush ? await runs.flush(dataset, uuidv7()) : undefined;
  return { rows, known, pendingRows: pending, ...(run ? { ingestionRun: ingestionRunName.format({ run: run.id }) } : {}) };
}

/** REST of pushed rows, without a hop: JSON lines or an array as the body, the key as `Idempotency-Key`; with `?flush=true` a run is asked for at once. A gateway in the same process leaves it out. */
export function routes(http: FastifyInstance, pushes: PushService, runs: IngestionRunService): void {
  void http.register(async (scope) => {
    // The text of each row is kept: a parser would round integers of 64 bits.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, bytes, done) => done(null, bytes));
    scope.post<PushRoute>('/v1/datasets/:dataset([^/]+)::push', ({ params, query, headers, body }) =>
      pushJson({ pushes, runs }, `datasets/${params.dataset}`, { key: headers['idempotency-key'] ?? '', bytes: body ?? new Uint8Array(0), flush: query.flush === 'true' }),
    );
  });
}
