import type { StepContext } from './step.js';

/** Where the data of a run end, in milliseconds since 1970, exclusive: the time that a manual run is about, else just after the newest row. */
export function foreseenEnd({ run, version }: Pick<StepContext, 'run' | 'version'>): number {
  const { kind, eventTime } = run.cause;
  const newest = Number(run.steps.find((step) => step.kind === 'ingest' && step.subject === version.file.training.spine)?.outputs['event_time_max'] ?? '0') + 1;
  return kind === 'MANUAL' && eventTime !== undefined ? eventTime : newest;
}
