import type { Run, RunColumn } from '@millrace/contracts/millrace/registry/v1/experiment';
import { registryCalls } from '../../calls/registry.js';
import { Parallel } from '../../charts/parallel.js';
import { strokeOf } from '../../charts/strokes.js';
import { failureOf, useAnswers } from '../../client/answers.js';
import type { Call } from '../../client/rest.js';
import { Figure } from '../../parts/figure.js';
import { Failure, Loading } from '../../parts/states.js';
import { figure, plural } from '../../text.js';
import { axesByItself } from './axes.js';
import type { Choice } from './choice.js';
import { ColumnChoice } from './column-choice.js';
import { RunCurves } from './run-curves.js';
import { readSteps, writeSteps } from './steps.js';
import { idOf, namesOf, numberIn, titleOf, valueIn } from './run-columns.js';

/** So many axes stand side by side. */
const MOST_AXES = 8;
/** Screens on which half as many do. */
const NARROW = '(max-width: 40rem)';

interface Parts {
  readonly experiment: string;
  readonly columns: readonly RunColumn[];
  readonly choice: Choice;
  readonly change: (part: Partial<Choice>) => void;
}

/** The chosen runs beside each other: what they measured by step, and what they were made with. */
export function ChosenRuns({ experiment, columns, choice, change }: Parts) {
  const calls = choice.runs.map((id) => registryCalls.run(`${experiment}/runs/${id}`));
  const runs = useAnswers(calls).flatMap((run) => (run ? [run] : []));
  const names = namesOf(runs);
  return (
    <section aria-labelledby="chosen">
      <h2 id="chosen">Runs beside each other</h2>
      {choice.runs.length === 0 ? (
        <p className="quiet">Choose runs in the table to compare their curves and what they were made with.</p>
      ) : (
        <ul className="chosen">
          {runs.map((run, i) => (
            <li key={run.name}>
              <button type="button" onClick={() => change({ runs: choice.runs.filter((id) => id !== idOf(run)) })} aria-label={`Let go of ${names[i]}`}>
                {names[i]} <span aria-hidden="true">✕</span>
              </button>
            </li>
          ))}
          <li>
            <button type="button" className="plain" onClick={() => change({ runs: [] })}>
              Let go of all
            </button>
          </li>
        </ul>
      )}
      {choice.runs.length > 0 && runs.length === 0 ? <Missing calls={calls} /> : undefined}
      {runs.length === 0 ? undefined : (
        <>
          <RunCurves runs={runs} names={names} metric={choice.metric} onMetric={(metric) => change({ metric })} steps={readSteps(choice)} onSteps={(steps) => change(writeSteps(steps))} />
          <RunAxes runs={runs} names={names} columns={columns} axes={choice.axes} onAxes={(axes) => change({ axes })} />
        </>
      )}
    </section>
  );
}

/** No chosen run is there: yet, or at all. */
function Missing({ calls }: { readonly calls: readonly Call<Run>[] }) {
  const failure = failureOf(calls);
  return failure ? <Failure failure={failure} /> : <Loading what="the chosen runs" />;
}

interface AxesParts {
  readonly runs: readonly Run[];
  /** As they are called, in the order of the runs. */
  readonly names: readonly string[];
  readonly columns: readonly RunColumn[];
  readonly axes: readonly string[] | undefined;
  readonly onAxes: (axes: readonly string[] | undefined) => void;
}

function RunAxes({ runs, names, columns, axes: chosen, onAxes }: AxesParts) {
  const byItself = axesByItself(columns, runs, matchMedia(NARROW).matches ? MOST_AXES / 2 : MOST_AXES);
  const shown = (chosen ?? byItself).flatMap((name) => columns.find(({ column }) => column === name) ?? []);
  // A column whose values are numbers, all of them, is one of numbers.
  const axes = shown.map((column) => {
    const values = runs.map((run) => valueIn(column, run));
    const numbers = values.map(numberIn);
    return { name: column.column, title: titleOf(column), values: numbers.every((number, i) => number !== undefined || values[i] === undefined) ? numbers : values };
  });
  return (
    <>
      <p className="picks">
        <ColumnChoice title="Axes" columns={columns} chosen={chosen} byItself={byItself} most={MOST_AXES} onChoose={onAxes} />
      </p>
      {axes.length === 0 ? (
        <p className="quiet">Choose axes to draw the runs along them.</p>
      ) : (
        <Figure
          title="What they were made with, and what came of it"
          says="A line a run, through its value on every axis."
          wide
          picture={<Parallel lines={runs.map((run, i) => ({ id: run.name, name: names[i] ?? '', stroke: strokeOf(i) }))} axes={axes} says={`${plural(runs.length, 'run')} along ${axes.map(({ title }) => title).join(', ')}`} />}
          table={{
            rows: runs,
            keyOf: ({ name }) => name,
            columns: [
              { head: 'Run', cell: (run) => names[runs.indexOf(run)] ?? '' },
              ...shown.map((column) => ({
                head: column.column,
                figures: true,
                cell: (run: Run) => {
                  const value = valueIn(column, run);
                  return typeof value === 'number' ? figure(value) : (value ?? '–');
                },
                plain: (run: Run) => valueIn(column, run),
              })),
            ],
          }}
        />
      )}
    </>
  );
}
