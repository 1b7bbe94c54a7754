import type { Estimate, Evaluation, RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { useState } from 'react';
import { Ladder, marksOf } from '../../charts/ladder.js';
import { Reliability } from '../../charts/reliability.js';
import { State } from '../../parts/states.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { count, fixed, interval, METRICS, metricTitle, percent } from '../../text.js';

/** How the models of one ladder did on the same rows: each against its benchmarks and its predecessor, and what the gate said. */
export function Judgement({ evaluation }: { readonly evaluation: Evaluation }) {
  const chosen = evaluation.rungs.at(-1);
  const known = chosen?.metrics.map(({ metric }) => metric) ?? [];
  const [wanted, want] = useState('log_loss');
  const metric = known.includes(wanted) ? wanted : (known[0] ?? 'log_loss');
  if (!chosen) return <p className="quiet">This evaluation has no models.</p>;
  const marks = marksOf(evaluation.rungs, metric, chosen.rung);
  return (
    <>
      <p className="lead">
        Judged on {count(evaluation.rows)} rows that no model had seen, {percent(evaluation.positiveShare)} of them positive. The last model is the challenger.
      </p>
      <Choice legend="Metric" of={Object.fromEntries(known.map((each) => [each, metricTitle(each)]))} chosen={metric} choose={want} />
      <Figure
        title={`The ladder by ${metricTitle(metric).toLowerCase()}`} says={`${metricTitle(metric)}: ${METRICS[metric]?.says ?? ''}. Lines are 95 % intervals.`}
        picture={<Ladder metric={metric} marks={marks} />}
        table={{
          rows: evaluation.rungs,
          keyOf: ({ rung }) => rung,
          columns: [
          { head: 'Model', cell: ({ rung }) => rung },
          { head: metricTitle(metric), figures: true, cell: ({ metrics }) => fixed(found(metrics, metric)?.value), plain: ({ metrics }) => found(metrics, metric)?.value },
          { head: '95 % interval', figures: true, cell: ({ metrics }) => interval(found(metrics, metric)), plain: ({ metrics }) => bounds(found(metrics, metric)) },
        ],
        }}
      />
      <Differences rung={chosen} metric={metric} />
      {evaluation.gate ? (
        <section>
          <h3>
            The gate <State tone={evaluation.gate.passed ? 'good' : 'watch'} word={evaluation.gate.passed ? 'passed' : 'not passed'} />
          </h3>
          <ul className="checks">
            {evaluation.gate.checks.map(({ name, passed, why }) => (
              <li key={name}>
                <State tone={passed ? 'good' : 'watch'} word={passed ? 'holds' : 'does not hold'} /> {why}
              </li>
            ))}
          </ul>
        </section>
      ) : undefined}
      {chosen.calibration.length > 1 ? (
        <Figure
          title={`Calibration of ${chosen.rung}`} says="Of the rows that were given a probability, how many turned out positive: on the diagonal, the model means what it says."
          picture={<Reliability bins={chosen.calibration} />}
          table={{
            rows: chosen.calibration,
            keyOf: ({ predicted }) => String(predicted),
            columns: [
            { head: 'Predicted', cell: ({ predicted }) => fixed(predicted, 3), plain: ({ predicted }) => predicted },
            { head: 'Observed', figures: true, cell: ({ observed }) => fixed(observed, 3), plain: ({ observed }) => observed },
            { head: 'Rows', figures: true, cell: ({ rows }) => count(rows), plain: ({ rows }) => rows },
          ],
          }}
        />
      ) : undefined}
    </>
  );
}

const found = (metrics: readonly Estimate[], metric: string): Estimate | undefined => metrics.find((each) => each.metric === metric);

const bounds = (estimate: Estimate | undefined): string | undefined => (estimate && estimate.high > estimate.low ? `${estimate.low} to ${estimate.high}` : undefined);

function Differences({ rung, metric }: { readonly rung: RungReport; readonly metric: string }) {
  const rows = rung.differences.flatMap(({ baseline, difference }) => (difference?.metric === metric ? [{ baseline, difference }] : []));
  if (rows.length === 0) return undefined;
  return (
    <section>
      <h3>What {rung.rung} adds, on the same rows</h3>
      <ul className="checks">
        {rows.map(({ baseline, difference: { value, low, high } }) => (
          <li key={baseline}>
            <State tone={low > 0 ? 'good' : high < 0 ? 'bad' : 'idle'} word={low > 0 ? 'better' : high < 0 ? 'worse' : 'no clear difference'} /> than {baseline}: {value >= 0 ? '+' : '−'}
            {fixed(Math.abs(value))} (95 %: {fixed(low)} to {fixed(high)}; positive is better)
          </li>
        ))}
      </ul>
    </section>
  );
}
