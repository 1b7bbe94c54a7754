import type { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { registryCalls } from '../../calls/registry.js';
import { type Curve, Curves } from '../../charts/curves.js';
import { strokeOf } from '../../charts/strokes.js';
import { useAnswers } from '../../client/answers.js';
import { Figure } from '../../parts/figure.js';
import { Loading } from '../../parts/states.js';
import { figure, plural } from '../../text.js';

interface Parts {
  readonly runs: readonly Run[];
  /** As they are called, in the order of the runs. */
  readonly names: readonly string[];
  readonly metric: string;
  readonly onMetric: (metric: string) => void;
}

interface Row {
  readonly run: string;
  readonly step: number;
  readonly value: number;
}

/** One metric of the chosen runs by step. */
export function RunCurves({ runs, names, metric, onMetric }: Parts) {
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
  const shown = metrics.includes(metric) ? metric : (metrics.find((each) => each.includes('loss')) ?? metrics[0]);
  const having = shown === undefined ? [] : runs.filter((run) => Object.hasOwn(run.metrics, shown));
  const answers = useAnswers(shown === undefined ? [] : having.map(({ name }) => registryCalls.metricPoints(name, shown)));
  if (shown === undefined) return <p className="quiet">These runs have measured nothing yet.</p>;
  const curves = having.flatMap((run): readonly Curve[] => {
    const points = answers[having.indexOf(run)]?.metricPoints;
    return points ? [{ id: run.name, name: names[runs.indexOf(run)] ?? '', stroke: strokeOf(runs.indexOf(run)), points: points.map(({ step, value }) => ({ step: Number(step), value })) }] : [];
  });
  const cut = answers.some((answer) => answer !== undefined && answer.nextPageToken !== '');
  const rows = curves.flatMap(({ name, points }) => points.map((each): Row => ({ run: name, ...each })));
  return (
    <>
      <p className="picks">
        <label>
          Curve of{' '}
          <select value={shown} onChange={({ target }) => onMetric(target.value)}>
            {metrics.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </p>
      {curves.length === 0 ? (
        <Loading what="curves" />
      ) : (
        <Figure
          title={`${shown} by step`}
          says={`${having.length === runs.length ? '' : `${plural(having.length, 'run')} of ${runs.length} measured it. `}${cut ? 'The first 1,000 points of each are drawn. ' : ''}A line a run, a dot where it was measured once.`}
          wide
          picture={<Curves curves={curves} says={`${shown} by step: ${curves.map(({ name, points }) => `${name} ${figure(points.at(-1)?.value)} at the end`).join(', ')}`} />}
          table={{
            rows,
            keyOf: ({ run, step }) => `${run} ${step}`,
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
