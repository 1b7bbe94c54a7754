import { runJob } from '@millrace/jobs';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { materialize, type MaterializeArgument, type MaterializeResult } from './offline/materialize.js';

/** What the job needs beside the materialisation itself. */
export interface MaterializeJobArgument extends MaterializeArgument {
  readonly objects: ObjectsPlace;
  readonly memoryLimit: string;
  readonly threads: number;
}

await runJob<MaterializeJobArgument, MaterializeResult>(async (argument, job) => {
  const objects = await openObjects(argument.objects);
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, threads: argument.threads });
  try {
    job.progress({ step: `fill ${argument.view.view}`, done: 0 });
    return await materialize(argument, { tables, objects, signal: job.signal });
  } finally {
    await tables.close();
  }
});
