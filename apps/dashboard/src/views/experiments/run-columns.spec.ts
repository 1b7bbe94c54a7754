import { Run, RunColumn, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import { expect, it } from 'vitest';
import { challengerOf, inReadingOrder, isToldById } from './run-columns.js';

const column = (kind: RunColumn_Kind, key: string): RunColumn => RunColumn.fromPartial({ kind, key });
const COLUMNS = [
  column(RunColumn_Kind.TAG, 'trees.note'),
  column(RunColumn_Kind.PARAM, 'trees'),
  ...['base.auc', 'base.log_loss', 'trees.brier', 'trees.auc', 'trees.log_loss', 'treeslike.auc'].map((key) => column(RunColumn_Kind.METRIC, key)),
];
const keys = (challenger: string): readonly string[] => inReadingOrder(COLUMNS, challenger).map(({ key }) => key);

it('puts what the challenger measured before what the others did, then params and tags', () => {
  expect(keys('trees')).toEqual(['trees.log_loss', 'trees.auc', 'trees.brier', 'base.log_loss', 'base.auc', 'treeslike.auc', 'trees', 'trees.note']);
});

it('puts the log loss of every model first where no run says which the challenger is', () => {
  expect(keys(challengerOf(undefined))).toEqual(['base.log_loss', 'trees.log_loss', 'base.auc', 'trees.auc', 'treeslike.auc', 'trees.brier', 'trees', 'trees.note']);
  expect(challengerOf(Run.fromPartial({ tags: { challenger: 'trees' } }))).toBe('trees');
});

it('adds the end of an id only to names that hold none', () => {
  expect([{ displayName: 'trial 3' }, { displayName: '' }, { displayName: 'run 4078f5', origin: 'trainingJobs/t' }].map((run) => isToldById(Run.fromPartial(run)))).toEqual([false, true, true]);
});
