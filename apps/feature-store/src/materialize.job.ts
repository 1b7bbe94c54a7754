import { runJob } from '@millrace/jobs';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { materialize, type MaterializeArgument, type MaterializeResult } from './offline/materialize.js';

/** What the job needs beside the materialisation itself. */
export interface MaterializeJobArgument extends MaterializeArgument {
  readonly objectsDir: string;
  readonly memoryLimit: string;
  readonly threads: number;
}

await runJob<MaterializeJobArgument, MaterializeResult>(async (argument, job) => {
  const objects = await openLocalObjects(argument.objectsDir);
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, threads: argument.threads });
  try {
    return await materialize(argument, { tables, objects, signal: job.signal });
  } finally {
    await tables.close();
  }
});
