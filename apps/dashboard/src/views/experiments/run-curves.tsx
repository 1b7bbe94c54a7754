import { type Run, Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import { type KeyboardEvent, useMemo } from 'react';
import { registryCalls } from '../../calls/registry.js';
import { type Curve, Curves } from '../../charts/curves.js';
import { strokeOf } from '../../charts/strokes.js';
import { failureOf, useAnswers } from '../../client/answers.js';
import { useSettled } from '../../client/settled.js';
import { Figure } from '../../parts/figure.js';
import { Failure, Loading } from '../../parts/states.js';
import { count, figure, plural } from '../../text.js';
import { curveWords } from './curve-words.js';
import { StepRange } from './step-range.js';
import { type Extent, type Move, moved, type Steps, stepsAt } from './steps.js';

interface Parts {
  readonly runs: readonly Run[];
  /** As they are called, in the order of the runs. */
  readonly names: readonly string[];
  readonly metric: string;
  readonly onMetric: (metric: string) => void;
  /** The steps that are looked at. */
  readonly steps: Steps;
  readonly onSteps: (steps: Steps) => void;
}

interface Row {
  readonly id: string;
  readonly run: string;
  readonly step: number;
  readonly value: number;
}

const MOVES: Readonly<Record<string, Move>> = { '+': 'closer', '=': 'closer', '-': 'wider', ArrowLeft: 'back', ArrowRight: 'on', '0': 'all', Escape: 'all' };
const KEYS = 'Steps: plus and minus show fewer and more of them, arrows those before and after, 0 all';

/** One metric of the chosen runs by step. */
export function RunCurves({ runs, names, metric, onMetric, steps, onSteps }: Parts) {
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
  const shown = metrics.includes(metric) ? metric : (metrics.find((each) => each.includes('loss')) ?? metrics[0]);
  const having = shown === undefined ? [] : runs.filter((run) => Object.hasOwn(run.metrics, shown));
  const calls = shown === undefined ? [] : having.map(({ name, state }) => registryCalls.metricCurve(name, shown, { ...steps, final: state !== Run_State.RUNNING }));
  // What was drawn stays until all that is asked for is there.
  const answers = useSettled(useAnswers(calls), [shown, ...having.map(({ name }) => name)].join(' '));
  const who = runs.map(({ name }, i) => `${name} ${names[i]}`).join('\n');
  const { curves, rows, drawn, whole } = useMemo(() => {
    const lines = having.flatMap((run, i): readonly Curve[] => {
      const points = answers[i]?.metricPoints;
      return points ? [{ id: run.name, name: names[runs.indexOf(run)] ?? '', stroke: strokeOf(runs.indexOf(run)), points: points.map(({ step, value }) => ({ step: Number(step), value })) }] : [];
    });
    const all = lines.flatMap(({ id, name, points }) => points.map((each, i): Row => ({ id: `${id} ${i}`, run: name, ...each })));
    const ends = answers.flatMap((answer) => [answer?.firstStep, answer?.lastStep]).flatMap((step) => (step === undefined ? [] : [Number(step)]));
    return { curves: lines, rows: all, drawn: extentOf(all.map(({ step }) => step)), whole: extentOf(ends) };
    // Thousands of points are placed anew only when they are others, or drawn otherwise.
  }, [answers, who]);
  if (shown === undefined) return <p className="quiet">These runs have measured nothing yet.</p>;
  const failure = failureOf(calls);
  const press = (event: KeyboardEvent): void => {
    const move = event.metaKey || event.ctrlKey || event.altKey ? undefined : MOVES[event.key];
    if (move === undefined || !whole) return;
    event.preventDefault();
    onSteps(moved(steps, whole, move));
  };
  return (
    <>
      <div className="picks">
        <label>
          Curve of{' '}
          <select value={shown} onChange={({ target }) => onMetric(target.value)}>
            {metrics.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <StepRange steps={steps} whole={whole} onSteps={onSteps} />
      </div>
      {failure ? <Failure failure={failure} stale={curves.length > 0} /> : undefined}
      {curves.length === 0 ? (
        failure ? undefined : <Loading what="curves" />
      ) : (
        <Figure
          title={`${shown} by step`}
          says={`${having.length === runs.length ? '' : `${plural(having.length, 'run')} of ${runs.length} measured it. `}${curveWords(answers.filter((answer) => answer !== undefined))}`}
          wide
          picture={
            drawn ? (
              <Curves
                curves={curves}
                says={`${shown} by step, ${count(drawn.first)} to ${count(drawn.last)}: ${curves.map(({ name, points }) => `${name} ${figure(points.at(-1)?.value)} at the end`).join(', ')}`}
                onPart={(part) => onSteps(stepsAt(drawn, part))}
                onKey={press}
                keys={KEYS}
              />
            ) : (
              <p className="quiet">Nothing was measured in these steps.</p>
            )
          }
          table={{
            rows,
            keyOf: ({ id }) => id,
            columns: [
              { head: 'Run', cell: ({ run }) => run },
              { head: 'Step', figures: true, cell: ({ step }) => String(step), plain: ({ step }) => step },
              { head: shown, figures: true, cell: ({ value }) => figure(value), plain: ({ value }) => value },
            ],
          }}
        />
      )}
    </>
  );
}

function extentOf(steps: readonly number[]): Extent | undefined {
  if (steps.length === 0) return undefined;
  return steps.reduce<Extent>(({ first, last }, step) => ({ first: Math.min(first, step), last: Math.max(last, step) }), { first: Infinity, last: -Infinity });
}
