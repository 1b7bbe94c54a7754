import { type PipelineRun, PipelineRun as Message } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { isFinalState } from '../calls/job.js';
import { fullName } from '../calls/names.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { signOf } from '../text/state-word.js';
import { oneLine } from '../text/width.js';
import { type RunEvent, runEvents } from './run-events.js';

/** What `millrace logs` may be told. */
export interface LogsOptions {
  readonly follow?: boolean;
}

/** What is kept of a run, in the order in which it happened; with --follow until the run ends. */
export async function logs(session: Session, name: string, { follow = false }: LogsOptions): Promise<ExitCode> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  let run = await pipelines.getPipelineRun({ name: fullName('pipelineRuns', name) }, session.call);
  const told = new Set<string>();
  if (!session.json) tellNew(session, run, told);
  if (follow && !isFinalState(run.status?.state ?? '')) {
    for await (const state of pipelines.watchPipelineRun({ name: run.name }, session.call)) {
      run = state;
      if (!session.json) tellNew(session, run, told);
    }
  }
  if (session.json) session.answer(() => ({ pipelineRun: Message.toJSON(run), events: runEvents(run) }), () => '');
  return EXIT.done;
}

/** Writes what was not told yet. */
function tellNew({ terminal, paint }: Session, run: PipelineRun, told: Set<string>): void {
  for (const event of runEvents(run)) {
    const { time, step, state, message } = event;
    const line = [time.slice(0, 19).replace('T', ' '), signOf(state), step.padEnd(widest(run)), state.toLowerCase(), oneLine(message)].join('  ').trimEnd();
    const key = keyOf(event);
    if (told.has(key)) continue;
    told.add(key);
    terminal.out.write(`${state === 'FAILED' ? paint('bad', line) : line}\n`);
  }
}

/** Progress is told once for each thing that is done, not for each per cent. */
const keyOf = ({ step, state, message, attempt }: RunEvent): string => [step, state, attempt, state === 'RUNNING' ? message : ''].join(' ');

const widest = ({ steps }: PipelineRun): number => Math.max(3, ...steps.map(({ id }) => id.length));
