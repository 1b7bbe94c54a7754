import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { modelCalls } from '../../calls/models.js';
import { useAnswer } from '../../client/answers.js';
import { State } from '../../parts/states.js';
import { count, fixed, metricTitle, numberOf } from '../../text.js';

/** The name under which a champion stands in the ladder of its challenger. */
const CHAMPION = 'champion';

/** How a version did against another on the same rows, where that one was the champion when it was judged; else nothing. */
export function Paired({ challenger, champion, evaluation }: { readonly challenger: ModelVersion; readonly champion: ModelVersion; readonly evaluation: Evaluation | undefined }) {
  const job = useAnswer(challenger.origin?.trainingJob ? modelCalls.trainingJob(challenger.origin.trainingJob) : undefined);
  if (!evaluation || job.value?.spec?.champion?.modelVersion !== champion.name) return undefined;
  const differences = (evaluation.rungs.at(-1)?.differences ?? []).flatMap(({ baseline, difference }) => (baseline === CHAMPION && difference ? [difference] : []));
  return (
    <section>
      <h3>
        What version {numberOf(challenger.name)} added to version {numberOf(champion.name)}, on the same {count(evaluation.rows)} rows
      </h3>
      <ul className="checks">
        {differences.map(({ metric, value, low, high }) => (
          <li key={metric}>
            <State tone={low > 0 ? 'good' : high < 0 ? 'bad' : 'idle'} word={low > 0 ? 'better' : high < 0 ? 'worse' : 'no clear difference'} /> by {metricTitle(metric)}: {value >= 0 ? '+' : '−'}
            {fixed(Math.abs(value))} (95 %: {fixed(low)} to {fixed(high)}; positive is better)
          </li>
        ))}
      </ul>
    </section>
  );
}
