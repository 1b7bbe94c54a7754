import { type PipelineRun, PipelineRun as Message, StepLogLine } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import type { Client } from '@millrace/rpc';
import { isFinalState } from '../calls/job.js';
import { fullName } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { signOf } from '../text/state-word.js';
import { oneLine } from '../text/width.js';
import { RUN, type RunEvent, runEvents, type TellOutput, toldOutput } from './run-events.js';

/** What `millrace logs` may be told. */
export interface LogsOptions {
  readonly follow?: boolean;
  /** Only what this step did and said. */
  readonly step?: string;
}

/** Stands where an event has the sign of its state. */
const SAID = '│';
/** More than a home keeps of a run. */
const ALL_LINES = 100_000;

/** What happened in a run and what its steps said, in the order of time; with --follow until the run ends. */
export async function logs(session: Session, name: string, { follow = false, step = '' }: LogsOptions): Promise<ExitCode> {
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const run = await pipelines.getPipelineRun({ name: fullName('pipelineRuns', name) }, session.call);
  const goesOn = follow && !isFinalState(run.status?.state ?? '');
  if (session.json) await answer(session, pipelines, { run: goesOn ? await atEnd(session, pipelines, run) : run, step });
  else if (goesOn) await tellOn(session, pipelines, { run, step });
  else await tell(session, pipelines, { run, step });
  return EXIT.done;
}

type Pipelines = Client<typeof PipelinesServiceDefinition>;
interface Asked {
  readonly run: PipelineRun;
  readonly step: string;
}

async function answer(session: Session, pipelines: Pipelines, { run, step }: Asked): Promise<void> {
  const lines = await linesOf(session, pipelines, { run, step });
  session.answer(() => ({ pipelineRun: Message.toJSON(run), events: eventsOf(run, step), lines: lines.map((line) => StepLogLine.toJSON(line)) }), () => '');
}

async function tell(session: Session, pipelines: Pipelines, { run, step }: Asked): Promise<void> {
  const said = (await linesOf(session, pipelines, { run, step })).map((line) => ({ time: timeOf(line), text: sentence(run, line) }));
  const happened = eventsOf(run, step, toldOutput).map((event) => ({ time: event.time, text: headline(session, run, event) }));
  for (const { text } of [...happened, ...said].toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) session.terminal.out.write(text);
}

/** What a job said last may come after the end of its run, which is told last all the same. */
async function tellOn(session: Session, pipelines: Pipelines, asked: Asked): Promise<void> {
  const [end] = await Promise.all([followStates(session, pipelines, asked), followLines(session, pipelines, asked)]);
  if (end !== undefined) session.terminal.out.write(end);
}

/** Tells what happens; gives how the run ended. */
async function followStates(session: Session, pipelines: Pipelines, { run: { name }, step }: Asked): Promise<string | undefined> {
  const told = new Set<string>();
  let end: string | undefined;
  for await (const run of pipelines.watchPipelineRun({ name }, session.call)) {
    for (const event of eventsOf(run, step, toldOutput)) {
      if (told.has(keyOf(event))) continue;
      told.add(keyOf(event));
      if (event.step === RUN && isFinalState(event.state)) end = headline(session, run, event);
      else session.terminal.out.write(headline(session, run, event));
    }
  }
  return end;
}

async function followLines(session: Session, pipelines: Pipelines, { run, step }: Asked): Promise<void> {
  for await (const line of pipelines.watchStepLogLines({ parent: run.name, step }, session.call)) session.terminal.out.write(sentence(run, line));
}

async function atEnd(session: Session, pipelines: Pipelines, run: PipelineRun): Promise<PipelineRun> {
  let last = run;
  for await (const state of pipelines.watchPipelineRun({ name: run.name }, session.call)) last = state;
  // Its steps are heard to the end before their lines are read.
  for await (const _ of pipelines.watchStepLogLines({ parent: run.name }, session.call));
  return last;
}

async function linesOf(session: Session, pipelines: Pipelines, { run: { name }, step }: Asked): Promise<readonly StepLogLine[]> {
  const { rows } = await readPages(ALL_LINES, async (part) => {
    const { stepLogLines, nextPageToken } = await pipelines.listStepLogLines({ parent: name, step, ...part }, session.call);
    return { rows: stepLogLines, nextPageToken };
  });
  return rows;
}

const eventsOf = (run: PipelineRun, step: string, tell?: TellOutput): readonly RunEvent[] => runEvents(run, tell).filter((event) => step === '' || event.step === step);

function headline({ paint }: Session, run: PipelineRun, { time, step, state, message }: RunEvent): string {
  const line = [showTime(time), signOf(state), step.padEnd(widest(run)), state.toLowerCase(), oneLine(message)].join('  ').trimEnd();
  return `${state === 'FAILED' ? paint('bad', line) : line}\n`;
}

const sentence = (run: PipelineRun, line: StepLogLine): string => `${[showTime(timeOf(line)), SAID, line.step.padEnd(widest(run)), oneLine(line.text)].join('  ').trimEnd()}\n`;

const timeOf = ({ time }: StepLogLine): string => time?.toISOString() ?? '';

const showTime = (time: string): string => time.slice(0, 19).replace('T', ' ');

/** Progress is told once for each thing that is done, not for each per cent. */
const keyOf = ({ step, state, message, attempt }: RunEvent): string => [step, state, attempt, state === 'RUNNING' ? message : ''].join(' ');

const widest = ({ steps }: PipelineRun): number => Math.max(3, ...steps.map(({ id }) => id.length));
