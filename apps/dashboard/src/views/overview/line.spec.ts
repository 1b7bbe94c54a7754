import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { Alert, Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { expect, it } from 'vitest';
import { evaluationOf, type LineFacts, madeBy, stationsOf } from './line.js';

const NOTHING: LineFacts = { unread: new Set(), runs: [], dataset: undefined, ingestion: undefined, views: [], version: undefined, endpoint: undefined, monitor: undefined, reports: [], alerts: [] };

const run = (state: string, steps: readonly object[], outcome?: object): PipelineRun => PipelineRun.fromJSON({ name: 'pipelineRuns/r', status: { state: `JOB_STATE_${state}` }, steps, ...(outcome ? { outcome } : {}) });
const refused = run('SUCCEEDED', [{ id: 'train', state: 'STATE_SUCCEEDED', outputs: { evaluation: 'evaluations/second', dataset_version: 'datasets/d/versions/2' } }, { id: 'deploy', state: 'STATE_SKIPPED' }], { decision: 'DECISION_REFUSED' });
const promoted = run('SUCCEEDED', [{ id: 'train', state: 'STATE_SUCCEEDED', outputs: { evaluation: 'evaluations/first', dataset_version: 'datasets/d/versions/1' } }, { id: 'register', state: 'STATE_SUCCEEDED', outputs: { model_version: 'models/m/versions/1' } }], { decision: 'DECISION_PROMOTED' });

const station = (facts: Partial<LineFacts>, title: string) => stationsOf({ ...NOTHING, ...facts }).find((each) => each.title === title);

it('says of every station of a new pipeline that there is nothing yet, and claims no success', () => {
  const stations = stationsOf(NOTHING);
  expect(stations.map(({ title }) => title)).toEqual(['Source', 'Data', 'Features', 'Training', 'Model', 'Endpoint', 'Monitor']);
  expect(new Set(stations.map(({ tone }) => tone))).toEqual(new Set(['idle']));
});

it('finds what a pipeline made in its newest run that says so, and how a version was judged in the run that made it', () => {
  expect(madeBy([refused, promoted])).toEqual({ datasetVersion: 'datasets/d/versions/2', modelVersion: 'models/m/versions/1', endpoint: '', monitor: '' });
  expect(evaluationOf([refused, promoted], 'models/m/versions/1')).toBe('evaluations/first');
  expect(evaluationOf([refused], 'models/m/versions/1')).toBe('');
});

it('tells a refused challenger, a failed run and a running one apart', () => {
  expect(station({ runs: [refused, promoted] }, 'Training')).toMatchObject({ tone: 'good', word: 'champion stays', figure: '2/2' });
  expect(station({ runs: [promoted] }, 'Training')).toMatchObject({ tone: 'good', word: 'challenger promoted' });
  expect(station({ runs: [run('FAILED', [{ id: 'train', state: 'STATE_FAILED' }])] }, 'Training')).toMatchObject({ tone: 'bad', word: 'failed', figure: '0/1' });
  expect(station({ runs: [run('RUNNING', [{ id: 'train', state: 'STATE_RUNNING' }])] }, 'Training')).toMatchObject({ tone: 'going' });
});

it('wants to be looked at where an expectation is not met, a certificate is missing or an alert is open', () => {
  const dataset = DatasetVersion.fromJSON({ name: 'datasets/d/versions/2', rows: '1234567', expectations: [{ name: 'a', met: true }, { name: 'b', met: false }] });
  expect(station({ dataset }, 'Data')).toMatchObject({ tone: 'watch', word: '1 expectation not met', figure: '1.23 M', place: '/data/d/versions/2' });
  expect(station({ version: ModelVersion.fromJSON({ name: 'models/m/versions/3', metrics: { auc: 0.7, log_loss: 0.4 } }) }, 'Model')).toMatchObject({ tone: 'watch', word: 'version 3, no certificate', figure: '0.700', unit: 'AUC' });
  const monitor = Monitor.fromJSON({ name: 'monitors/m' });
  const reports = [Report.fromJSON({ name: 'reports/1', state: 'STATE_CLOSED', predictions: '5' })];
  expect(station({ monitor, reports }, 'Monitor')).toMatchObject({ tone: 'good', word: 'within limits', figure: '1' });
  expect(station({ monitor, reports, alerts: [Alert.fromJSON({ state: 'STATE_OPEN' }), Alert.fromJSON({ state: 'STATE_RESOLVED' })] }, 'Monitor')).toMatchObject({ tone: 'watch', word: '1 open alert' });
});

it('does not say that a window holds because somebody has acknowledged, muted or closed its alert', () => {
  const monitor = Monitor.fromJSON({ name: 'monitors/m' });
  const reports = [Report.fromJSON({ name: 'reports/2', state: 'STATE_CLOSED', columns: [{ column: 'a', drifted: true }] }), Report.fromJSON({ name: 'reports/1', state: 'STATE_CLOSED' })];
  expect(station({ monitor, reports, alerts: [Alert.fromJSON({ state: 'STATE_ACKNOWLEDGED' })] }, 'Monitor')).toMatchObject({ tone: 'watch', word: '1 alert acknowledged' });
  expect(station({ monitor, reports, alerts: [Alert.fromJSON({ state: 'STATE_RESOLVED' })] }, 'Monitor')).toMatchObject({ tone: 'watch', word: 'beyond limits' });
  expect(station({ monitor, reports: reports.slice(1), alerts: [Alert.fromJSON({ state: 'STATE_RESOLVED' })] }, 'Monitor')).toMatchObject({ tone: 'good', word: 'within limits' });
  expect(station({ monitor, reports: [Report.fromJSON({ state: 'STATE_CLOSED', alerts: ['alerts/a'] })] }, 'Monitor')).toMatchObject({ tone: 'watch', word: 'beyond limits' });
});

it('says of what could not be read neither that it is there nor that it is not', () => {
  const stations = stationsOf({ ...NOTHING, unread: new Set(['reports', 'version']), views: [], runs: [promoted] });
  expect(stations.map(({ title, word }) => [title, word])).toEqual([
    ['Source', 'nothing yet'],
    ['Data', 'nothing yet'],
    ['Features', 'none in this pipeline'],
    ['Training', 'challenger promoted'],
    ['Model', 'could not be read'],
    ['Endpoint', 'could not be read'],
    ['Monitor', 'could not be read'],
  ]);
  expect(stations.filter(({ word }) => word === 'could not be read').map(({ tone, figure }) => [tone, figure])).toEqual(Array.from({ length: 3 }, () => ['watch', '–']));
});
