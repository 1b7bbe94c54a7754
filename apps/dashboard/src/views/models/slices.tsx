import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation, RungReport, SliceReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { useState } from 'react';
import { type Branch, Forest } from '../../charts/forest.js';
import { Choice } from '../../parts/choice.js';
import { Figure } from '../../parts/figure.js';
import { Empty } from '../../parts/states.js';
import { count, fixed, metricTitle, plural, toldText } from '../../text.js';
import { TooOld } from './evaluated.js';

/** Slices that are drawn at first. */
const FIRST = 12;
const SHARE = 'positive_share';
type Metric = 'log_loss' | 'auc' | typeof SHARE;

const TITLES: Readonly<Record<Metric, string>> = { log_loss: metricTitle('log_loss'), auc: metricTitle('auc'), [SHARE]: 'Said and seen' };
const SAYS: Readonly<Record<Metric, string>> = {
  log_loss: 'how far probabilities are from what happened; lower is better. Worst first; the line is that of all rows.',
  auc: 'how often a positive row is ranked above another one. Worst first; the line is that of all rows.',
  [SHARE]: 'share of positive rows (filled) beside the mean probability (hollow). Farthest apart first; the line is the share of all rows.',
};

/** How a model does in sub-populations, column by column, with 95 % intervals. */
export function Slices({ evaluation, chosen, version }: { readonly evaluation: Evaluation; readonly chosen: RungReport; readonly version: ModelVersion }) {
  const [metric, want] = useState<Metric>('log_loss');
  if (chosen.slices.length === 0 && chosen.thresholds.length === 0) return <TooOld what="slices" version={version} />;
  if (chosen.slices.length === 0) return <Empty title="No slices">Name columns under “slices” of the gate in the pipeline file; text inputs with few values are sliced by themselves. Slices with too few rows are left out.</Empty>;
  const whole = metric === SHARE ? evaluation.positiveShare : chosen.metrics.find((each) => each.metric === metric)?.value;
  return (
    <>
      <p className="lead">
        Sub-populations of the {count(evaluation.rows)} rows that {chosen.rung} was judged on. Intervals take rows for independent: normal for log loss, Hanley and McNeil for AUC, Wilson for shares.
      </p>
      <Choice legend="Metric" of={TITLES} chosen={metric} choose={want} />
      {[...new Set(chosen.slices.map(({ column }) => column))].map((column) => (
        <ColumnSlices key={column} column={column} slices={chosen.slices.filter((slice) => slice.column === column)} judged={evaluation.rows} metric={metric} whole={whole} />
      ))}
    </>
  );
}

const estimateOf = ({ metrics, observed }: SliceReport, metric: Metric) => (metric === SHARE ? observed : metrics.find((each) => each.metric === metric));

/** The larger, the worse. */
function badness(slice: SliceReport, metric: Metric): number {
  const value = estimateOf(slice, metric)?.value ?? Number.NaN;
  if (metric === SHARE) return Math.abs(value - slice.predicted);
  return metric === 'auc' ? -value : value;
}

const nameOf = ({ value }: SliceReport): string => (value === '' ? '(missing)' : toldText(value));

function ColumnSlices({ column, slices, judged, metric, whole }: { readonly column: string; readonly slices: readonly SliceReport[]; readonly judged: bigint; readonly metric: Metric; readonly whole: number | undefined }) {
  const [all, showAll] = useState(false);
  const known = slices.filter((slice) => estimateOf(slice, metric)).sort((a, b) => badness(b, metric) - badness(a, metric));
  const drawn = all ? known : known.slice(0, FIRST);
  const left = slices.reduce((rest, { rows }) => rest - rows, judged);
  const branches = drawn.flatMap((slice): readonly Branch[] => {
    const estimate = estimateOf(slice, metric);
    return estimate ? [{ name: nameOf(slice), value: estimate.value, low: estimate.low, high: estimate.high, ...(metric === SHARE ? { beside: slice.predicted } : {}) }] : [];
  });
  const figures = (head: string, of: (slice: SliceReport) => number | undefined) => ({ head, figures: true, cell: (slice: SliceReport) => fixed(of(slice)), plain: of });
  return (
    <>
      <Figure
        title={`By ${column}`}
        says={`${TITLES[metric]}: ${SAYS[metric]}`}
        picture={<Forest branches={branches} whole={whole} show={(value) => value.toFixed(3)} says={branches.map(({ name, value }) => `${name} ${fixed(value)}`).join(', ')} />}
        table={{
          rows: drawn,
          keyOf: ({ value }) => value,
          columns: [
            { head: column, cell: nameOf, plain: ({ value }) => value },
            { head: 'Rows', figures: true, cell: ({ rows }) => count(rows), plain: ({ rows }) => rows },
            figures(metric === SHARE ? 'Seen' : TITLES[metric], (slice) => estimateOf(slice, metric)?.value),
            ...(metric === SHARE ? [figures('Said', ({ predicted }: SliceReport) => predicted)] : []),
            figures('From', (slice) => estimateOf(slice, metric)?.low),
            figures('To', (slice) => estimateOf(slice, metric)?.high),
          ],
        }}
      />
      {left > 0n ? <p className="quiet">{count(left)} of the {plural(judged, 'row')} are in groups that are too small to judge.</p> : undefined}
      {known.length > drawn.length ? (
        <p className="more">
          <button type="button" onClick={() => showAll(true)}>
            Show all slices by {column}
          </button>{' '}
          <small>
            {drawn.length} of {plural(known.length, 'slice')} are shown
          </small>
        </p>
      ) : undefined}
    </>
  );
}
