import { describe, expect, it } from 'vitest';
import { checkLadder, type PlanQuestion, type Rung } from './training-spec.js';

const rung = (change: Partial<Rung> = {}): Rung => ({ name: 'trees', estimator: 'trees', params: {}, steps: [], ...change });
/** The delay stands in the plan, yet in no feature: that alone leaks nothing. */
const question: PlanQuestion = {
  plan: { steps: [{ clip: { column: 'delay', min: 0, max: 60, as: 'bounded' } }], features: ['distance'] },
  schema: [
    { name: 'date', type: 'TIMESTAMP', nullable: false },
    { name: 'delay', type: 'FLOAT64', nullable: true },
    { name: 'distance', type: 'FLOAT64', nullable: false },
    { name: 'late', type: 'INT64', nullable: true },
  ],
  knownAfterEvent: ['late', 'delay'],
  target: 'late',
  eventTime: 'date',
};

describe('a ladder', () => {
  it('is sound when plan, rungs and gate are', () => {
    const plan = checkLadder({ ...question, rungs: [rung({ name: 'dummy', estimator: 'dummy' }), rung({ steps: [{ standard: { columns: 'features' } }] })], gate: { better_than: [{ baseline: 'dummy', metric: 'log_loss' }] } });
    expect(plan.features).toEqual(['distance']);
  });

  it('is refused when a step of a rung brings back what the plan had left out', () => {
    expect(() => checkLadder({ ...question, rungs: [rung({ steps: [{ standard: { columns: ['distance', 'bounded'] } }] })], gate: {} })).toThrow(/^Refused: delay → .* → features\.bounded.*: "delay" is known only after the event/);
  });

  it.each([
    { title: 'an estimator that is not there', change: { rungs: [rung({ estimator: 'magic' })] }, why: 'There is no estimator "magic"; there are dummy, logistic, trees.' },
    { title: 'a parameter that is not there', change: { rungs: [rung({ params: { leafs: 3 } })] }, why: 'of the estimator trees is wrong' },
    { title: 'a step that is not there', change: { rungs: [rung({ steps: [{ magic: { columns: 'features' } }] })] }, why: 'is of the kind "magic", which does not exist' },
    { title: 'a name twice', change: { rungs: [rung(), rung()] }, why: 'each rung needs a name of its own' },
    { title: 'a name that is taken', change: { rungs: [rung({ name: 'champion' })] }, why: '"champion" is taken' },
    { title: 'a gate against a rung that is not there', change: { rungs: [rung()], gate: { better_than: [{ baseline: 'dummy', metric: 'auc' }] } }, why: 'The gate is wrong at better_than.0.baseline: there is no rung "dummy"; there are trees, champion.' },
  ])('is refused for $title', ({ change, why }) => expect(() => checkLadder({ ...question, gate: {}, ...change })).toThrow(why));
});
