import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
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
  const directory = await mkdtemp(join(tmpdir(), 'millrace-source-'));
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, threads: argument.threads, allow: [directory, ...(isAbsolute(argument.source.path) ? [argument.source.path] : [])] });
  try {
    return await ingest(argument, { tables, directory, signal: job.signal, progress: (step, done) => job.progress({ step, done, total: INGEST_STEPS }) });
  } finally {
    await tables.close();
    await rm(directory, { recursive: true, force: true });
  }
});
