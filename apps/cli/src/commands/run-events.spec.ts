import { Cause_Kind, Outcome_Decision, PipelineRun, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { expect, it } from 'vitest';
import { runEvents, toldOutput } from './run-events.js';

const at = (second: number): Date => new Date(Date.UTC(2001, 0, 1, 0, 0, second));
const step = (id: string, state: StepRun_State, more: object = {}) => ({ id, state, attempt: 1, ...more });

it('what a home keeps of a run is told in the order in which it happened', () => {
  const run = PipelineRun.fromPartial({
    name: 'pipelineRuns/r',
    cause: { kind: Cause_Kind.MANUAL },
    createTime: at(0),
    status: { state: JobState.FAILED, endTime: at(9), error: { message: 'train failed' } },
    outcome: { decision: Outcome_Decision.NONE },
    steps: [
      step('ingest', StepRun_State.SUCCEEDED, { startTime: at(1), endTime: at(3), outputs: { dataset: 'datasets/d/versions/1', empty: '' } }),
      step('features', StepRun_State.CACHED, { startTime: at(3), endTime: at(3) }),
      step('train', StepRun_State.FAILED, { startTime: at(4), endTime: at(9), error: { message: 'all rows have the target 0' }, attempt: 2 }),
      step('deploy', StepRun_State.PENDING),
    ],
  });
  expect(runEvents(run).map(({ time, step: id, state, message }) => [time.slice(17, 19), id, state, message].join(' ').trim())).toEqual([
    '00 run CREATED pipelineRuns/r by manual',
    '01 ingest STARTED',
    '03 ingest SUCCEEDED dataset=datasets/d/versions/1',
    '03 features CACHED',
    '04 train STARTED attempt 2',
    '09 train FAILED all rows have the target 0',
    '09 run FAILED train failed',
  ]);
});

it('of a step that goes on it is told what it does now', () => {
  const run = PipelineRun.fromPartial({ name: 'pipelineRuns/r', createTime: at(0), status: { state: JobState.RUNNING }, steps: [step('train', StepRun_State.RUNNING, { startTime: at(1), progress: { step: 'fit trees', note: 'rung 3 of 3', updateTime: at(2) } })] });
  expect(runEvents(run).at(-1)).toEqual({ time: at(2).toISOString(), step: 'train', state: 'RUNNING', message: 'fit trees, rung 3 of 3', attempt: 1 });
});

it('times and digests are told to people as they read them, and to programs as they are kept', () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const outputs = { digest, event_time_max: '1727758920000', data_end: '1727758920001', rows: '1727758920000' };
  const run = PipelineRun.fromPartial({ name: 'pipelineRuns/r', createTime: at(0), steps: [step('ingest', StepRun_State.SUCCEEDED, { endTime: at(1), outputs })] });
  expect(runEvents(run, toldOutput).at(-1)?.message).toBe('digest=sha256:0123456789ab event_time_max=2024-10-01T05:02:00Z data_end=2024-10-01T05:02:00.001Z rows=1727758920000');
  expect(runEvents(run).at(-1)?.message).toBe(Object.entries(outputs).map(([role, value]) => `${role}=${value}`).join(' '));
  expect([toldOutput('event_time_max', ''), toldOutput('event_time_max', 'undefined'), toldOutput('why', 'auc is good')]).toEqual(['', 'undefined', 'auc is good']);
});
