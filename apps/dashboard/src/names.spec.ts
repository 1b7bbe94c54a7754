import { expect, it } from 'vitest';
import { placeOf, spoken } from './names.js';

it('knows where a resource is shown, and that some have no view', () => {
  expect(['datasets/flights', 'datasets/flights/versions/3', 'models/late/versions/2', 'pipelines/late/versions/4', 'pipelineRuns/r', 'monitors/late', 'featureViews/v', 'endpoints/late/predictions/p', 'experiments/e/runs/r'].map(placeOf)).toEqual([
    '/data/flights', '/data/flights/versions/3', '/models/late/versions/2', '/pipelines/late', '/runs/r', '/monitoring/late', '/features/v', '/endpoints/late/predictions/p', '/experiments/e',
  ]);
  expect(['trainingSets/t', 'datasets', '', 'datasets/'].map(placeOf)).toEqual([undefined, undefined, undefined, undefined]);
});

it('says a resource as a person would', () => {
  expect(['models/late/versions/2', 'datasets/flights', 'pipelineRuns/01a21e57-c35c-7000-b09e-cb4c29b913c0', 'endpoints/late/predictions/01a21e58-011d-7001-8928-9a5003628a84'].map(spoken)).toEqual(['late 2', 'flights', 'b913c0', 'late 628a84']);
});
