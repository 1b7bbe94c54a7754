import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation, RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { Curve, type Place } from '../../charts/curve.js';
import { Figure } from '../../parts/figure.js';
import { figure, fixed } from '../../text.js';
import { type Decision, decisionsOf, falseAlarmOf, precisionOf, recallOf } from './decision.js';
import { TooOld } from './evaluated.js';

interface Known {
  readonly name: string;
  readonly chosen: boolean;
  readonly auc: number | undefined;
  readonly averagePrecision: number | undefined;
  readonly decisions: readonly Decision[];
}

interface Row {
  readonly model: string;
  readonly decision: Decision;
}

/** The ROC and the precision-recall curve of every model of a ladder, through the thresholds at which its evaluation counted. */
export function Curves({ evaluation, chosen, version }: { readonly evaluation: Evaluation; readonly chosen: RungReport; readonly version: ModelVersion }) {
  if (chosen.thresholds.length === 0) return <TooOld what="curves" version={version} />;
  const known: readonly Known[] = evaluation.rungs.map(({ rung, metrics, thresholds, averagePrecision }) => ({ name: rung, chosen: rung === chosen.rung, auc: metrics.find(({ metric }) => metric === 'auc')?.value, averagePrecision, decisions: decisionsOf(thresholds) }));
  const lines = (area: 'auc' | 'averagePrecision', pointsOf: (decision: Decision) => readonly Place[]) => known.map((model) => ({ name: model.name, chosen: model.chosen, says: fixed(model[area]), points: model.decisions.flatMap(pointsOf) }));
  const { positiveShare } = evaluation;
  return (
    <Figure
      title="ROC and precision-recall"
      says="Each point is a threshold: how many positive rows are found, against how many others are called positive too (left) and how many of the called are positive (right). Dotted: a model that knows nothing. Behind the names stands the area: AUC, and average precision."
      wide
      picture={
        <div className="curve-pair">
          <Curve
            lines={lines('auc', (decision) => [[falseAlarmOf(decision) ?? 0, recallOf(decision) ?? 0]])}
            chance={[[0, 0], [1, 1]]}
            across="false positive rate"
            up="true positive rate (recall)"
            says={`ROC curves; area under them: ${known.map(({ name, auc }) => `${name} ${fixed(auc)}`).join(', ')}`}
          />
          <Curve
            lines={lines('averagePrecision', (decision) => {
              const precision = precisionOf(decision);
              return precision === undefined ? [] : [[recallOf(decision) ?? 0, precision]];
            })}
            chance={[[0, positiveShare], [1, positiveShare]]}
            across="recall"
            up="precision"
            says={`Precision-recall curves; average precision: ${known.map(({ name, averagePrecision }) => `${name} ${fixed(averagePrecision)}`).join(', ')}`}
          />
        </div>
      }
      table={{
        rows: known.flatMap(({ name, decisions }): readonly Row[] => decisions.map((decision) => ({ model: name, decision }))),
        keyOf: ({ model, decision }) => `${model} ${decision.threshold ?? 'none'}`,
        columns: [
          { head: 'Model', cell: ({ model }) => model },
          { head: 'Threshold', figures: true, cell: ({ decision }) => (decision.threshold === undefined ? 'none positive' : figure(decision.threshold)), plain: ({ decision }) => decision.threshold },
          ...RATES.map(({ head, of }) => ({ head, figures: true, cell: ({ decision }: Row) => fixed(of(decision)), plain: ({ decision }: Row) => of(decision) })),
        ],
      }}
    />
  );
}

const RATES: readonly { readonly head: string; readonly of: (decision: Decision) => number | undefined }[] = [
  { head: 'False positive rate', of: falseAlarmOf },
  { head: 'Recall', of: recallOf },
  { head: 'Precision', of: precisionOf },
];
