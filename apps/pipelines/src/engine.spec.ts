import { AppError, canonicalJson, parseCanonicalJson } from '@millrace/core';
import { isFinal } from '@millrace/service';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Command, decide, type Decision, MAX_ATTEMPTS, resume, type RunEvent } from './engine.js';
import { newRun, type PipelineRun } from './pipeline-run.js';
import type { PipelineVersion, StepSpec } from './pipeline.js';

const NOW = new Date('2001-04-01T00:00:00Z');
const FINAL = new Set(['SUCCEEDED', 'CACHED', 'FAILED', 'SKIPPED', 'CANCELLED']);

/** What a try of a step comes to. */
type End = 'done' | 'cached' | 'refused' | 'promoted' | 'passing fault' | 'fault';

const broken = (code: 'UNAVAILABLE' | 'FAILED_PRECONDITION') => new AppError(code, 'spec', 'BROKEN', 'It broke.');

const EVENTS: Record<End, (step: string) => RunEvent> = {
  done: (step) => ({ kind: 'STEP_SUCCEEDED', step, outputs: { made: step }, cached: false }),
  cached: (step) => ({ kind: 'STEP_SUCCEEDED', step, outputs: { made: step }, cached: true }),
  refused: (step) => ({ kind: 'STEP_SUCCEEDED', step, outputs: {}, cached: false, outcome: { decision: 'REFUSED', modelVersion: '', why: 'worse' } }),
  promoted: (step) => ({ kind: 'STEP_SUCCEEDED', step, outputs: {}, cached: false, outcome: { decision: 'PROMOTED', modelVersion: 'models/m/versions/1', why: 'better' } }),
  'passing fault': (step) => ({ kind: 'STEP_FAILED', step, error: broken('UNAVAILABLE'), retry: true }),
  fault: (step) => ({ kind: 'STEP_FAILED', step, error: broken('FAILED_PRECONDITION'), retry: false }),
};

/** A graph whose steps need only steps before them. */
const graph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 9 }).map((needs) =>
  needs.map((numbers, i): StepSpec => ({ id: `s${i}`, kind: 'train', subject: '', needs: [...new Set(numbers.filter(() => i > 0).map((number) => `s${number % Math.max(1, i)}`))] })),
);
const ends = fc.infiniteStream(fc.oneof({ weight: 6, arbitrary: fc.constant<End>('done') }, fc.constantFrom<End>('cached', 'refused', 'promoted', 'passing fault', 'fault')));

const start = (steps: readonly StepSpec[]): PipelineRun =>
  newRun('r', { pipeline: 'p', version: 1 } as PipelineVersion, { draft: { cause: { kind: 'MANUAL', resource: '', eventTime: undefined }, fresh: false, requestId: '', traceparent: '' }, steps, now: NOW });

/** As it would come back from the store. */
const kept = (run: PipelineRun): PipelineRun => {
  const { status, ...rest } = parseCanonicalJson(canonicalJson(run)) as PipelineRun;
  const time = (value: Date | undefined) => value && new Date(value);
  return { ...rest, outcome: rest.outcome, createTime: new Date(rest.createTime), status: { ...status, failure: status.failure, startTime: time(status.startTime), endTime: time(status.endTime) } };
};

/** The one who obeys: keeps what is under way, and holds every decision to what is promised. */
class Follower {
  run: PipelineRun;
  readonly underWay = new Map<string, number>();
  finishes = 0;
  cancelled = false;

  constructor(run: PipelineRun) {
    this.run = run;
  }

  take({ run, commands }: Decision): void {
    const before = this.run;
    this.run = run;
    for (const command of commands) this.#obey(command, before);
  }

  #obey(command: Command, before: PipelineRun): void {
    switch (command.kind) {
      case 'START_STEP': {
        const step = this.run.steps.find(({ id }) => id === command.step);
        expect(this.finishes, 'nothing is started after the end').toBe(0);
        expect(step?.state).toBe('RUNNING');
        expect(command.attempt).toBe(step?.attempt);
        expect(command.attempt).toBeLessThanOrEqual(MAX_ATTEMPTS);
        for (const need of step?.needs ?? []) expect(['SUCCEEDED', 'CACHED', 'SKIPPED'], `${command.step} needs ${need}`).toContain(this.run.steps.find(({ id }) => id === need)?.state);
        expect(this.cancelled, 'nothing is started for a run that somebody stops').toBe(false);
        expect(this.underWay.has(command.step), 'no step runs twice at a time').toBe(false);
        this.underWay.set(command.step, command.attempt);
        return;
      }
      case 'CANCEL_STEPS':
        expect(before.steps.some(({ state }) => state === 'RUNNING')).toBe(true);
        return;
      case 'FINISH':
        this.finishes++;
        expect(this.underWay.size, 'nothing is under way at the end').toBe(0);
        expect(isFinal(this.run.status)).toBe(true);
    }
  }
}

it('brings every graph to one end, whatever its steps come to and whenever it is cancelled', () => {
  fc.assert(
    fc.property(graph, ends, fc.infiniteStream(fc.nat()), fc.option(fc.nat(12)), (steps, outcomes, choices, cancelAt) => {
      const at = new Follower(start(steps));
      at.take(decide(at.run, { kind: 'BEGUN' }, NOW));
      for (let turn = 0; at.finishes === 0; turn++) {
        expect(turn, 'it always ends').toBeLessThan(steps.length * MAX_ATTEMPTS + 2);
        if (turn === cancelAt) {
          at.cancelled = true;
          at.take(decide(at.run, { kind: 'CANCEL_REQUESTED' }, NOW));
          continue;
        }
        const ids = [...at.underWay.keys()];
        const step = ids[(choices.next().value ?? 0) % ids.length] ?? '';
        expect(ids.length, 'a run that has not ended has something under way').toBeGreaterThan(0);
        at.underWay.delete(step);
        const end: End = outcomes.next().value ?? 'done';
        at.take(decide(at.run, EVENTS[end](step), NOW));
      }
      expect(at.finishes).toBe(1);
      const { run } = at;
      expect(run.steps.every(({ state }) => FINAL.has(state))).toBe(true);
      const failed = run.steps.find(({ state }) => state === 'FAILED');
      const stopped = run.steps.some(({ state }) => state === 'CANCELLED');
      expect(run.status.state).toBe(failed ? 'FAILED' : stopped ? 'CANCELLED' : 'SUCCEEDED');
      expect(run.status.failure?.message).toBe(failed ? 'It broke.' : stopped ? 'The run was cancelled.' : undefined);
      expect(run.outcome).toBeDefined();
      if (stopped && !failed) expect(at.cancelled).toBe(true);
      for (const event of [EVENTS.done('s0'), EVENTS.refused('s0'), EVENTS.fault('s0'), { kind: 'CANCEL_REQUESTED' } as const, { kind: 'BEGUN' } as const]) expect(decide(run, event, NOW)).toEqual({ run, commands: [] });
    }),
    { numRuns: 500 },
  );
});

it('goes on to the same end after a restart at any moment, however often', () => {
  fc.assert(
    fc.property(graph, fc.array(fc.constantFrom<End>('done', 'done', 'done', 'cached', 'refused', 'passing fault', 'fault'), { minLength: 40, maxLength: 40 }), fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (steps, outcomes, restarts) => {
      const end = (stops: readonly boolean[]): PipelineRun => {
        let at = new Follower(start(steps));
        at.take(decide(at.run, { kind: 'BEGUN' }, NOW));
        for (let turn = 0; at.finishes === 0 && turn < 40; turn++) {
          if (stops[turn]) {
            at = new Follower(kept(at.run));
            at.take(resume(at.run, NOW));
          }
          // Always the first that is under way, and what a try comes to depends on nothing but step and attempt.
          const [step = '', attempt = 1] = [...at.underWay].sort(([a], [b]) => (a < b ? -1 : 1))[0] ?? [];
          at.underWay.delete(step);
          at.take(decide(at.run, EVENTS[outcomes[(Number(step.slice(1)) * MAX_ATTEMPTS + attempt) % 40] ?? 'done'](step), NOW));
        }
        expect(at.finishes).toBe(1);
        return at.run;
      };
      expect(kept(end(restarts))).toEqual(kept(end([])));
    }),
    { numRuns: 300 },
  );
});

it('starts a run that was kept but never begun', () => {
  const { run, commands } = resume(kept(start([{ id: 'a', kind: 'ingest', needs: [], subject: '' }])), NOW);
  expect(run.status.state).toBe('RUNNING');
  expect(commands).toEqual([{ kind: 'START_STEP', step: 'a', attempt: 1 }]);
});

it('does not go on after a restart with what somebody had stopped', () => {
  const begun = decide(start([{ id: 'a', kind: 'ingest', needs: [], subject: '' }]), { kind: 'BEGUN' }, NOW).run;
  const stopping = decide(begun, { kind: 'CANCEL_REQUESTED' }, NOW);
  expect(stopping.commands).toEqual([{ kind: 'CANCEL_STEPS' }]);
  const { run, commands } = resume(kept(stopping.run), NOW);
  expect(commands).toEqual([{ kind: 'FINISH' }]);
  expect(run).toMatchObject({ status: { state: 'CANCELLED' }, steps: [{ state: 'CANCELLED' }] });
});

it('does not try again for a run that somebody stops', () => {
  const begun = decide(start([{ id: 'a', kind: 'ingest', needs: [], subject: '' }]), { kind: 'BEGUN' }, NOW).run;
  const { run, commands } = decide(decide(begun, { kind: 'CANCEL_REQUESTED' }, NOW).run, EVENTS['passing fault']('a'), NOW);
  expect(commands).toEqual([{ kind: 'FINISH' }]);
  expect(run.status.state).toBe('CANCELLED');
});

it('skips what would have put a refused challenger into use, and calls the run a success', () => {
  const steps: readonly StepSpec[] = [{ id: 'train', kind: 'train', needs: [], subject: '' }, { id: 'deploy', kind: 'deploy', needs: ['train'], subject: '' }];
  const begun = decide(start(steps), { kind: 'BEGUN' }, NOW).run;
  const { run, commands } = decide(begun, EVENTS.refused('train'), NOW);
  expect(commands).toEqual([{ kind: 'FINISH' }]);
  expect(run).toMatchObject({ status: { state: 'SUCCEEDED' }, outcome: { decision: 'REFUSED', why: 'worse' }, steps: [{ state: 'SUCCEEDED' }, { state: 'SKIPPED' }] });
});
