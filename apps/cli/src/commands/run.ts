import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { uuidv7 } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { RunWatcher } from '../calls/run-watcher.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { timeOption } from '../text/times.js';
import { runText } from './run-table.js';

/** What `millrace run` may be told. */
export interface RunOptions {
  readonly until?: string;
  readonly fresh?: boolean;
  readonly watch?: boolean;
  /** The older spelling. */
  readonly wait: boolean;
}

/** Starts a run and watches it to its end. */
export async function run(session: Session, pipeline: string, { until, fresh = false, watch: watched = true, wait }: RunOptions): Promise<ExitCode> {
  const eventTime = until === undefined ? undefined : timeOption(until, '--until');
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const created = await pipelines.createPipelineRun({ pipeline: fullName('pipelines', pipeline), eventTime, fresh, requestId: uuidv7() }, session.call);
  if (watched && wait) return follow(session, pipelines, created);
  const id = lastPart(created.name);
  session.answer(() => PipelineRun.toJSON(created), () => `Run ${id} is started; \`millrace run watch ${id}\` shows it to its end.\n`);
  return EXIT.done;
}

/** Watches a run that goes on already. */
export async function watch(session: Session, name: string): Promise<ExitCode> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  return follow(session, pipelines, await pipelines.getPipelineRun({ name: fullName('pipelineRuns', name) }, session.call));
}

async function follow(session: Session, pipelines: Client<typeof PipelinesServiceDefinition>, begun: PipelineRun): Promise<ExitCode> {
  const watcher = new RunWatcher(session.terminal);
  let last = begun;
  if (!session.json) session.remark(`Run ${lastPart(begun.name)} of ${shortName(begun.pipelineVersion).split('/')[0] ?? ''}; Ctrl-C leaves it running.`);
  try {
    for await (const state of pipelines.watchPipelineRun({ name: begun.name }, session.call)) {
      last = state;
      watcher.show(state.steps.map(({ id, state: step, progress, startTime, endTime, error }) => ({ id, state: step, progress, startTime, endTime, why: error?.message ?? '' })));
    }
  } catch (error) {
    watcher.end();
    session.remark(`The run goes on without us: \`millrace run watch ${lastPart(begun.name)}\` shows it, \`millrace run cancel ${lastPart(begun.name)}\` stops it.`);
    throw error;
  } finally {
    watcher.end();
  }
  session.answer(() => PipelineRun.toJSON(last), () => runText(session, last));
  return last.status?.state === JobState.SUCCEEDED ? EXIT.done : EXIT.failed;
}
