import { asError, begun, ended, failureOf, isFinal, type JobFailure } from '@millrace/service';
import { isDone, type Outcome, type Outputs, type PipelineRun, type StepRun } from './pipeline-run.js';

/** What happened to a run. */
export type RunEvent =
  | { readonly kind: 'BEGUN' }
  | { readonly kind: 'STEP_STARTED'; readonly step: string; readonly cacheKey: string }
  | { readonly kind: 'STEP_SUCCEEDED'; readonly step: string; readonly outputs: Outputs; readonly cached: boolean; readonly outcome?: Outcome }
  | { readonly kind: 'STEP_FAILED'; readonly step: string; readonly error: unknown; readonly retry: boolean }
  | { readonly kind: 'CANCEL_REQUESTED' };

/** What must be done next. Steps that are to start are independent of each other. */
export type Command = { readonly kind: 'START_STEP'; readonly step: string; readonly attempt: number } | { readonly kind: 'CANCEL_STEPS' } | { readonly kind: 'FINISH' };

/** A run after an event, and what follows. */
export interface Decision {
  readonly run: PipelineRun;
  readonly commands: readonly Command[];
}

/** Tries of one step that fails for a reason that may pass: with the pauses between them they outlast some minutes without a service or a server. */
export const MAX_ATTEMPTS = 30;

/** Decides, from what a run is and what happened, what it becomes and what must be done: pure, reads no clock, calls nobody. */
export function decide(run: PipelineRun, event: RunEvent, now: Date): Decision {
  // What comes too late, or twice, changes nothing.
  if (isFinal(run.status) || ('step' in event && run.steps.find(({ id }) => id === event.step)?.state !== 'RUNNING')) return { run, commands: [] };
  switch (event.kind) {
    case 'BEGUN':
      return next({ ...run, status: begun(run.status, now) }, now);
    case 'STEP_STARTED':
      return { run: change(run, event.step, (step) => ({ ...step, cacheKey: event.cacheKey })), commands: [] };
    case 'STEP_SUCCEEDED': {
      const state = event.cached ? 'CACHED' : 'SUCCEEDED';
      const done = change(run, event.step, (step) => ({ ...step, state, outputs: event.outputs, endTime: now.getTime() }));
      // A refusal is an answer, not a failure: what would put the challenger into use is not needed.
      if (event.outcome?.decision === 'REFUSED') return next({ ...done, outcome: event.outcome, steps: done.steps.map((step) => (step.state === 'PENDING' ? { ...step, state: 'SKIPPED' } : step)) }, now);
      return next(event.outcome ? { ...done, outcome: event.outcome } : done, now);
    }
    case 'STEP_FAILED': {
      const failing = run.steps.find(({ id }) => id === event.step);
      if (event.retry && failing && failing.attempt < MAX_ATTEMPTS && !run.cancelRequested) {
        const again = change(run, event.step, (step) => ({ ...step, attempt: step.attempt + 1 }));
        return { run: again, commands: [{ kind: 'START_STEP', step: event.step, attempt: failing.attempt + 1 }] };
      }
      // What might have passed is not tried again for a run that somebody stops.
      const failure = event.retry && run.cancelRequested ? CANCELLED : failureOf(event.error);
      const failed = change(run, event.step, (step) => ({ ...step, state: failure.reason.endsWith('CANCELLED') ? 'CANCELLED' : 'FAILED', failure, endTime: now.getTime() }));
      return next(failed, now);
    }
    case 'CANCEL_REQUESTED': {
      const steps = run.steps.map((step): StepRun => (step.state === 'PENDING' ? { ...step, state: 'CANCELLED' } : step));
      const stopping = { ...run, steps, cancelRequested: true };
      return steps.some(({ state }) => state === 'RUNNING') ? { run: stopping, commands: [{ kind: 'CANCEL_STEPS' }] } : next(stopping, now);
    }
  }
}

/** What a run that was found after a restart must do: go on where it stood. */
export function resume(run: PipelineRun, now: Date): Decision {
  if (run.status.state === 'PENDING' && !run.cancelRequested) return decide(run, { kind: 'BEGUN' }, now);
  if (run.cancelRequested) {
    // Their jobs were told to end before; whether they did so in time makes no difference to a run that was stopped.
    const steps = run.steps.map((step): StepRun => (step.state === 'RUNNING' ? { ...step, state: 'CANCELLED', failure: CANCELLED, endTime: now.getTime() } : step));
    return next({ ...run, steps }, now);
  }
  const running = run.steps.filter(({ state }) => state === 'RUNNING').map(({ id, attempt }): Command => ({ kind: 'START_STEP', step: id, attempt }));
  const following = next(run, now);
  return { run: following.run, commands: [...running, ...following.commands] };
}

/** Starts what can start, or ends the run when nothing runs and nothing can. */
function next(run: PipelineRun, now: Date): Decision {
  const broken = run.steps.some(({ state }) => state === 'FAILED' || state === 'CANCELLED');
  const steps = broken ? run.steps.map((step): StepRun => (step.state === 'PENDING' ? { ...step, state: 'CANCELLED' } : step)) : run.steps;
  const ready = steps.filter(({ state, needs }) => state === 'PENDING' && needs.every((id) => isMet(steps.find((other) => other.id === id))));
  if (ready.length > 0) {
    const ids = new Set(ready.map(({ id }) => id));
    const started = steps.map((step): StepRun => (ids.has(step.id) ? { ...step, state: 'RUNNING', attempt: 1, startTime: now.getTime() } : step));
    return { run: { ...run, steps: started }, commands: ready.map(({ id }) => ({ kind: 'START_STEP', step: id, attempt: 1 })) };
  }
  if (steps.some(({ state }) => state === 'RUNNING')) return { run: { ...run, steps }, commands: [] };
  return { run: finish({ ...run, steps }, now), commands: [{ kind: 'FINISH' }] };
}

function finish(run: PipelineRun, now: Date): PipelineRun {
  const failed = run.steps.find(({ state }) => state === 'FAILED');
  const cancelled = run.steps.some(({ state }) => state === 'CANCELLED');
  const failure: JobFailure | undefined = failed?.failure ?? (cancelled ? CANCELLED : undefined);
  const outcome: Outcome = run.outcome ?? { decision: 'NONE', modelVersion: '', why: failed ? `step ${failed.id} failed` : cancelled ? 'the run was cancelled' : 'nothing had to be decided' };
  return { ...run, outcome, status: ended(run.status, now, failure && asError(failure)) };
}

const CANCELLED: JobFailure = { code: 'CANCELLED', domain: 'pipelines.millrace', reason: 'PIPELINE_RUN_CANCELLED', message: 'The run was cancelled.', metadata: {} };

const isMet = (step: StepRun | undefined): boolean => step !== undefined && (isDone(step) || step.state === 'SKIPPED');

const change = (run: PipelineRun, id: string, how: (step: StepRun) => StepRun): PipelineRun => ({ ...run, steps: run.steps.map((step) => (step.id === id ? how(step) : step)) });
