import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { runJob } from '@millrace/jobs';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { Checkpoints } from './checkpoints.js';
import { ingest } from './ingest.js';
import type { IngestArgument } from './ingest-argument.js';
import type { IngestResult } from './ingest-result.js';

/** What the job needs beside the run itself. */
export interface IngestJobArgument extends IngestArgument {
  /** The id of the run. */
  readonly run: string;
  readonly objects: ObjectsPlace;
  readonly memoryLimit: string;
  readonly spillLimit: string;
  readonly threads: number;
}

await runJob<IngestJobArgument, IngestResult>(async (argument, job) => {
  const objects = await openObjects(argument.objects);
  const directory = await mkdtemp(join(tmpdir(), 'millrace-source-'));
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, spillLimit: argument.spillLimit, threads: argument.threads, allow: [directory, ...(isAbsolute(argument.source.path) ? [argument.source.path] : [])] });
  try {
    return await ingest(argument, { tables, objects, checkpoints: new Checkpoints(objects, argument.run), directory, signal: job.signal, progress: (step, done, total) => job.progress({ step, done, total }) });
  } finally {
    await tables.close();
    await rm(directory, { recursive: true, force: true });
  }
});
