import { Cause_Kind, Outcome_Decision, PipelineRun, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { expect, it } from 'vitest';
import { runEvents } from './run-events.js';

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
