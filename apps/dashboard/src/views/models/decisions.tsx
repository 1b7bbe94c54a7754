import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { useId, useState } from 'react';
import { CostCurve } from '../../charts/cost-curve.js';
import { Figure } from '../../parts/figure.js';
import { Facts } from '../../parts/table.js';
import { count, figure, fixed } from '../../text.js';
import { Confusion } from './confusion.js';
import { type Costs, costOf, type Decision, decisionsOf, errorsOf, f1Of, falseAlarmOf, leastCostAt, placeByKey, placeNearest, placeOf, precisionOf, probabilityOf, recallOf, rowsOf } from './decision.js';
import { TooOld } from './evaluated.js';

/** Where nobody has said otherwise, rows are called positive from here. */
const USUAL = 0.5;
const COUNTS = [
  ['True positives', 'truePositives'],
  ['False positives', 'falsePositives'],
  ['False negatives', 'falseNegatives'],
  ['True negatives', 'trueNegatives'],
] as const;

/** What a model decides at a threshold that can be moved, what its errors cost, and where they cost least. */
export function Decisions({ chosen, version }: { readonly chosen: RungReport; readonly version: ModelVersion }) {
  const decisions = decisionsOf(chosen.thresholds);
  const [place, move] = useState(() => placeOf(decisions, USUAL));
  const [costs, setCosts] = useState<Costs>({ falsePositive: 1, falseNegative: 1 });
  const slider = useId();
  const at = Math.min(place, decisions.length - 1);
  const now = decisions[at];
  const best = leastCostAt(decisions, costs);
  const least = decisions[best];
  if (!now || !least) return <TooOld what="decisions" version={version} />;
  const cost = (decision: Decision): number => costOf(decision, costs);
  const spot = (decision: Decision, name: string) => ({ x: probabilityOf(decision), y: cost(decision), name });
  return (
    <>
      <p className="lead">
        What {chosen.rung} would have decided about the {count(rowsOf(now))} rows that it was judged on. The threshold is not kept: an endpoint answers with the probability, and its caller decides.
      </p>
      <div className="decide">
        <CostField label="A false positive costs" value={costs.falsePositive} change={(falsePositive) => setCosts({ ...costs, falsePositive })} />
        <CostField label="A false negative costs" value={costs.falseNegative} change={(falseNegative) => setCosts({ ...costs, falseNegative })} />
        <div className="threshold">
          <label htmlFor={slider}>
            Threshold <output>{toldOf(now)}</output>
          </label>
          <input
            id={slider}
            type="range"
            min={0}
            max={1}
            step="any"
            value={probabilityOf(now)}
            aria-valuetext={toldOf(now)}
            onChange={({ target }) => move(placeNearest(decisions, Number(target.value)))}
            onKeyDown={(event) => {
              const next = event.altKey || event.ctrlKey || event.metaKey ? undefined : placeByKey(event.key, at, decisions.length);
              if (next === undefined) return;
              event.preventDefault();
              move(next);
            }}
          />
          <p className="acts">
            <button type="button" disabled={at === best} onClick={() => move(best)}>
              Go to the least cost
            </button>
            <small>{at === best ? 'This is the threshold of least cost.' : `${figure(cost(now) - cost(least))} more than at ${toldOf(least)}, where it costs least.`}</small>
          </p>
        </div>
      </div>
      <div className="beside measures">
        <Confusion decision={now} />
        <Facts
          facts={[
            ['Precision', fixed(precisionOf(now))],
            ['Recall', fixed(recallOf(now))],
            ['False positive rate', fixed(falseAlarmOf(now))],
            ['F1', fixed(f1Of(now))],
            ['Errors', `${count(errorsOf(now))} of ${count(rowsOf(now))}`],
            ['Cost', <b key="cost">{figure(cost(now), 6)}</b>],
          ]}
        />
      </div>
      <Figure
        title="Cost by threshold"
        says={`All errors together, at ${figure(costs.falsePositive)} for a false positive and ${figure(costs.falseNegative)} for a false negative.`}
        wide
        picture={<CostCurve points={decisions.map((decision) => ({ x: probabilityOf(decision), y: cost(decision) }))} now={spot(now, 'now')} least={spot(least, 'least')} show={(value) => figure(value, 6)} says={`The cost is ${figure(cost(now), 6)} at ${toldOf(now)}, and least, ${figure(cost(least), 6)}, at ${toldOf(least)}`} />}
        table={{
          rows: decisions,
          keyOf: ({ threshold }) => String(threshold),
          columns: [
            { head: 'Threshold', cell: (decision) => toldOf(decision), plain: ({ threshold }) => threshold },
            ...COUNTS.map(([head, key]) => ({ head, figures: true, cell: (decision: Decision) => count(decision[key]), plain: (decision: Decision) => decision[key] })),
            { head: 'Precision', figures: true, cell: (decision) => fixed(precisionOf(decision)), plain: precisionOf },
            { head: 'Recall', figures: true, cell: (decision) => fixed(recallOf(decision)), plain: recallOf },
            { head: 'Cost', figures: true, cell: (decision) => figure(cost(decision), 6), plain: cost },
          ],
        }}
      />
    </>
  );
}

/** A threshold as a person reads it. */
const toldOf = ({ threshold }: Decision): string => (threshold === undefined ? 'none positive' : threshold.toFixed(4));

function CostField({ label, value, change }: { readonly label: string; readonly value: number; readonly change: (cost: number) => void }) {
  const id = useId();
  const [text, set] = useState(String(value));
  const wrong = text.trim() === '' || !(Number(text) >= 0) || !Number.isFinite(Number(text));
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={0}
        step="any"
        value={text}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={({ target }) => {
          set(target.value);
          if (target.value.trim() !== '' && Number(target.value) >= 0 && Number.isFinite(Number(target.value))) change(Number(target.value));
        }}
      />
      {wrong ? <small id={`${id}-wrong`} className="wrong">A cost is a number from 0 on; the last one counts.</small> : undefined}
    </div>
  );
}
