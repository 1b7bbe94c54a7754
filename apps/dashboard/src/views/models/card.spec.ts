import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { expect, it } from 'vitest';
import { cardOf, cardTitle, markdownOf } from './card.js';

const VERSION = ModelVersion.fromJSON({
  name: 'models/late/versions/2',
  modelDigest: 'sha256:abc',
  signature: { inputs: [{ column: { name: 'origin', type: 'COLUMN_TYPE_STRING' }, categories: ['ATL', 'a|b'], required: true }, { column: { name: 'distance', type: 'COLUMN_TYPE_INT64' }, min: 30, max: 4962 }] },
  origin: { datasetVersion: 'datasets/flights/versions/3', evaluation: 'evaluations/e' },
  certificate: { rows: '10', equal: '9' },
  tags: { pipeline: 'late' },
});
const EVALUATION = Evaluation.fromJSON({
  rows: '500',
  positiveShare: 0.25,
  rungs: [
    {
      rung: 'trees',
      metrics: [{ metric: 'auc', value: 0.75, low: 0.7, high: 0.8 }],
      differences: [{ baseline: 'dummy', difference: { metric: 'log_loss', value: 0.05, low: 0.01, high: 0.09 } }, { baseline: 'champion', difference: { metric: 'log_loss', value: 0.001, low: -0.01, high: 0.02 } }],
      worstSlices: [{ column: 'origin', value: 'ATL', rows: '120', metrics: [{ metric: 'log_loss', value: 0.6, low: 0.5, high: 0.7 }] }],
    },
  ],
  gate: { passed: true, checks: [{ name: 'auc', passed: true, why: 'auc of trees is 0.75' }] },
});
const text = (known: Partial<Parameters<typeof cardOf>[0]> = {}): string => markdownOf(cardTitle(VERSION), cardOf({ version: VERSION, purposes: ['Tells late flights.'], evaluation: EVALUATION, ...known }));

it('says what a version is for, what it was made from, how good it is, where it does worst, and what is not known', () => {
  const card = text();
  expect(card.match(/^#+ .*$/gm)).toEqual(['# late 2', '## Intended use', '## Data', '## How good it is', '## Where it does worst', '## Inputs', '## Limits', '## Where it comes from']);
  for (const part of [
    'Tells late flights.',
    '| Dataset version | datasets/flights/versions/3 |',
    'Judged on 500 rows that no model of its ladder had seen, 25.0 % of them positive.',
    '| AUC | 0.7500 | 0.7000 to 0.8000 |',
    'better than dummy: 0.0500 less (0.0100 to 0.0900',
    '| origin ATL | 120 | 0.6000 | 0.5000 to 0.7000 |',
    '| distance | whole number | no | 30 to 4,962 |',
    'It is not clearly better than champion by log loss.',
    'for 9 of 10 held-out rows only',
    '| Model digest | sha256:abc |',
  ])
    expect(card).toContain(part);
});

it('keeps its tables whole where a text has a bar in it', () => expect(text()).toContain('| origin | text | yes | ATL, a\\|b |'));

it('says so where nobody has written or judged anything', () => {
  const card = text({ purposes: [], evaluation: undefined });
  expect(card).toContain('Nobody has written down what it is for');
  expect(card).toContain('It was registered without an evaluation.');
  expect(card).not.toContain('How good it is');
});
