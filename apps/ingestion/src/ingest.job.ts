import { runJob } from '@millrace/jobs';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { ingest, type IngestArgument, INGEST_STEPS, type IngestResult } from './ingest.js';

/** What the job needs beside the run itself. */
export interface IngestJobArgument extends IngestArgument {
  readonly objects: ObjectsPlace;
  readonly memoryLimit: string;
  readonly threads: number;
}

await runJob<IngestJobArgument, IngestResult>(async (argument, job) => {
  const objects = await openObjects(argument.objects);
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, threads: argument.threads, allow: [argument.source.path] });
  try {
    return await ingest(argument, { tables, signal: job.signal, progress: (step, done) => job.progress({ step, done, total: INGEST_STEPS }) });
  } finally {
    await tables.close();
  }
});
