import type { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { useState } from 'react';
import { Series } from '../../charts/series.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { bare } from '../../parts/meaning.js';
import { State } from '../../parts/states.js';
import { count, day, fixed, interval, METRICS, metricTitle, sentence, shareOf, span } from '../../text.js';

const measured = ({ performance }: Report, metric: string) => performance.find((each) => each.metric === metric);
const delayOf = ({ labelDelay }: Report): string => (labelDelay ? `${span(labelDelay.medianSeconds)}, 90 % in ${span(labelDelay.p90Seconds)}` : '–');

/** Realised performance, window by window, by each metric, with how long its labels took. Windows are oldest first. */
export function Performance({ monitor, reports }: { readonly monitor: Monitor | undefined; readonly reports: readonly Report[] }) {
  const judged = monitor?.performance;
  const known = [...new Set(reports.flatMap(({ performance }) => performance.map(({ metric }) => metric)))];
  const [wanted, want] = useState(judged?.metric ?? 'log_loss');
  const metric = known.includes(wanted) ? wanted : (known[0] ?? wanted);
  const limit = judged?.metric === metric ? judged.threshold : undefined;
  const more = METRICS[metric]?.more ?? true;
  const points = reports.flatMap((report) => {
    const found = measured(report, metric);
    return found ? [{ label: day(report.from), value: found.value, low: found.low, high: found.high, beyond: limit !== undefined && (more ? found.value < limit : found.value > limit) }] : [];
  });
  if (points.length === 0) return <p className="quiet">No labels have come yet, so nobody knows. They come with `millrace feedback`, or by `sendFeedback`.</p>;
  return (
    <>
      <Choice legend="Metric" of={Object.fromEntries(known.map((each) => [each, metricTitle(each)]))} chosen={metric} choose={want} />
      <Figure
        wide
        title={`Realised ${metricTitle(metric).toLowerCase()}`}
        says={`${sentence(METRICS[metric]?.says ?? metric)}. By labels that came later, with 95 % intervals.`}
        picture={<Series points={points} limit={limit} says={points.map(({ label, value }) => `${label} ${fixed(value)}`).join(', ')} />}
        table={{
          rows: [...reports].reverse(),
          keyOf: ({ name }) => name,
          columns: [
            { head: 'Window from', cell: ({ from }) => day(from), plain: ({ from }) => from },
            { head: 'Predictions', figures: true, cell: ({ predictions }) => count(predictions), plain: ({ predictions }) => predictions },
            { head: 'Labels', figures: true, cell: ({ labels, predictions }) => `${count(labels)} (${shareOf(labels, predictions)})`, plain: ({ labels }) => labels },
            { head: metricTitle(metric), figures: true, cell: (report) => fixed(measured(report, metric)?.value), plain: (report) => measured(report, metric)?.value },
            { head: '95 % interval', figures: true, cell: (report) => interval(measured(report, metric)) },
            { head: 'Labels took, half of them', figures: true, cell: delayOf, plain: ({ labelDelay }) => labelDelay?.medianSeconds },
            { head: 'Came too late', figures: true, cell: ({ late, lateLabels }) => count(late + lateLabels), plain: ({ late, lateLabels }) => late + lateLabels },
            { head: 'State', cell: ({ state }) => <State of={state} {...(bare(state) === 'OPEN' ? { tone: 'going' } : {})} />, plain: ({ state }) => bare(state) },
          ],
        }}
      />
    </>
  );
}
