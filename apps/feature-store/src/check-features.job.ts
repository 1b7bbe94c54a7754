import { parseCanonicalJson } from '@millrace/core';
import { runJob } from '@millrace/jobs';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { type ReplayInput, replayVectors } from './offline/replay-vectors.js';
import type { CheckedFeature, ServedVector } from './served-vector.js';

/** What the job is given: the vectors as an object of canonical JSON, because there may be many. */
export interface CheckJobArgument extends Pick<ReplayInput, 'references' | 'service'> {
  readonly vectors: string;
  readonly objects: ObjectsPlace;
  readonly memoryLimit: string;
  readonly threads: number;
}

await runJob<CheckJobArgument, readonly CheckedFeature[]>(async ({ vectors: digest, references, service, objects: place, ...limits }, job) => {
  const objects = await openObjects(place);
  const tables = await openTables({ objects, ...limits });
  try {
    const vectors = parseCanonicalJson(Buffer.from(await objects.read(digest)).toString('utf8')) as readonly ServedVector[];
    return await replayVectors({ vectors, service, references }, { tables, signal: job.signal });
  } finally {
    await tables.close();
  }
});
