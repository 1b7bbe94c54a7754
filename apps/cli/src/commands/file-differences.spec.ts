import { describe, expect, it } from 'vitest';
import { fileDifferences } from './file-differences.js';

describe('what differs between two pipeline files', () => {
  it('is told place by place, rungs by their names and columns by themselves', () => {
    const was = 'training: { seed: 7 }\nplan: { features: [hour, distance] }\nladder:\n  - { name: dummy, estimator: dummy }\n  - { name: trees, estimator: trees, params: { trees: 20, leaves: 8 } }\n';
    const is = 'ladder:\n  - { name: trees, estimator: trees, params: { leaves: 8, trees: 40 } }\nplan: { features: [distance, weekday] }\ntraining: { seed: 7 } # the same\ngate: { metrics: { auc: { at_least: 0.6 } } }\n';
    expect(fileDifferences(was, is)).toEqual([
      { path: 'plan.features.hour', was: 'hour', is: undefined },
      { path: 'plan.features.weekday', was: undefined, is: 'weekday' },
      { path: 'ladder.dummy', was: '{"estimator":"dummy","name":"dummy"}', is: undefined },
      { path: 'ladder.trees.params.trees', was: '20', is: '40' },
      { path: 'gate', was: undefined, is: '{"metrics":{"auc":{"at_least":0.6}}}' },
    ]);
  });

  it('is nothing where only comments and the order of keys differ, and an order where only that does', () => {
    expect(fileDifferences('a: 1\nb: { c: 2, d: [x] }\n', '# new\nb: { d: [x], c: 2 }\na: 1\n')).toEqual([]);
    expect(fileDifferences('a: [x, y]', 'a: [y, x]')).toEqual([{ path: 'a', was: '["x","y"]', is: '["y","x"]' }]);
  });
});
