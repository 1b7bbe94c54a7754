import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { isFinalState } from '../calls/job.js';
import { shortDigest } from '../text/figures.js';
import { word } from '../text/state-word.js';

/** Stands where others name their step. */
export const RUN = 'run';

/** One thing that happened in a run. */
export interface RunEvent {
  /** ISO 8601. */
  readonly time: string;
  /** The id of a step, or `run`. */
  readonly step: string;
  /** Such as STARTED, RUNNING or FAILED. */
  readonly state: string;
  /** What was made, what is done now, or why it failed. */
  readonly message: string;
  /** Which attempt at the step; 0 of the run itself. */
  readonly attempt: number;
}

/** How an output of a step is told. */
export type TellOutput = (role: string, value: string) => string;

/** Outputs that are milliseconds since 1970. */
const TIMES: ReadonlySet<string> = new Set(['event_time_max', 'data_end']);

/** An output as a person reads it: a time in ISO 8601, a digest by its first digits. */
export const toldOutput: TellOutput = (role, value) => (TIMES.has(role) && /^-?\d{1,15}$/.test(value) ? new Date(Number(value)).toISOString().replace('.000Z', 'Z') : shortDigest(value));

/** What a home keeps of a run as events in their order: it keeps when each step began and ended, what it made and why it failed; of a step that goes on, what it does now. Outputs are told as they are kept unless `tell` says otherwise. */
export function runEvents({ name, cause, status, steps, outcome, createTime }: PipelineRun, tell: TellOutput = (_, value) => value): readonly RunEvent[] {
  const events: (RunEvent & { readonly at: Date })[] = [];
  const add = (at: Date | undefined, event: Omit<RunEvent, 'time'>): void => void (at && events.push({ at, time: at.toISOString(), ...event }));
  add(createTime, { step: RUN, state: 'CREATED', message: [`${name} by ${word(cause?.kind ?? '').toLowerCase().replace('_', ' ')}`, cause?.resource ?? ''].filter((part) => part !== '').join(' '), attempt: 0 });
  for (const { id, state, progress, startTime, endTime, outputs, error, attempt } of steps) {
    const ended = isFinalState(state);
    if (startTime && word(state) !== 'CACHED') add(startTime, { step: id, state: 'STARTED', message: attempt > 1 ? `attempt ${attempt}` : '', attempt });
    if (!ended && progress && progress.step !== '') add(progress.updateTime ?? startTime, { step: id, state: 'RUNNING', message: [progress.step, progress.note].filter((part) => part !== '').join(', '), attempt });
    if (ended) add(endTime ?? startTime, { step: id, state: word(state), message: error?.message ?? madeOf(outputs, tell), attempt });
  }
  if (isFinalState(status?.state ?? '')) add(status?.endTime, { step: RUN, state: word(status?.state ?? ''), message: [status?.error?.message ?? '', outcome && word(outcome.decision) !== 'NONE' ? word(outcome.decision) : '', outcome?.modelVersion ?? '', outcome?.why ?? ''].filter((part) => part !== '').join(': '), attempt: 0 });
  // What happened at the same time stays in the order of the steps.
  return events.toSorted((a, b) => a.at.getTime() - b.at.getTime()).map(({ at: _, ...event }) => event);
}

const madeOf = (outputs: Readonly<Record<string, string>>, tell: TellOutput): string =>
  Object.entries(outputs)
    .filter(([, value]) => value !== '' && value.length < 80)
    .map(([role, value]) => `${role}=${tell(role, value)}`)
    .join(' ');
