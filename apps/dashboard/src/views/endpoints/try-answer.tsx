import { modelCalls } from '../../calls/models.js';
import { useAnswer } from '../../client/answers.js';
import { State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { figure, numberOf } from '../../text.js';
import { Moved } from './moved.js';
import { flagWord, type PredictionAnswer } from './prediction-answer.js';

/** What was answered: the probability and of what it is one, the version, what was odd, and the inputs as the model saw them. */
export function TryAnswer({ endpoint, answer }: { readonly endpoint: string; readonly answer: PredictionAnswer }) {
  const { id, score, flags, refused, modelVersion, inputs } = answer;
  const target = useTarget(modelVersion);
  return (
    <section className="answer" aria-label="Answer">
      {refused === '' ? (
        <p>
          <b className="score">{figure(score, 6)}</b> is the probability that {target === undefined ? undefined : <><code>{target}</code> is 1, which </>}<Resource name={modelVersion} as={`version ${numberOf(modelVersion)}`} /> gives. <Link href={`/${endpoint}/predictions/${id}`}>See the prediction</Link>, and all that led to it.
        </p>
      ) : (
        <p>
          <State tone="bad" word="refused by the input guard" /> {refused}. Nothing was predicted or logged.
        </p>
      )}
      {flags.length === 0 ? (
        <p>
          <State tone="good" word="nothing was odd" />
        </p>
      ) : (
        <ul className="checks" aria-label="What was odd">
          {[...Map.groupBy(flags, (flag) => `${flagWord(flag)} ${flag.detail}`).values()].map((alike) => (
            <li key={`${alike[0]?.kind ?? ''} ${alike[0]?.column ?? ''}`}>
              <State tone="watch" word={flagWord(alike[0] ?? { kind: '' })} /> {alike.map(({ column }) => column).join(', ')}: {alike[0]?.detail}
            </li>
          ))}
        </ul>
      )}
      <Moved answer={answer} />
      {inputs.length === 0 ? undefined : (
        <details>
          <summary>The inputs as the model saw them</summary>
          <Table title="Inputs as the model saw them" hidden rows={inputs} keyOf={([name]) => name} columns={[{ head: 'Input', cell: ([name]) => name }, { head: 'Value', cell: ([, value]) => value ?? 'missing' }]} />
        </details>
      )}
    </section>
  );
}

/** What a version says the probability of, where the job that trained it is known: trainers take targets of 0 and 1 alone. */
function useTarget(modelVersion: string): string | undefined {
  const job = useAnswer(modelVersion === '' ? undefined : modelCalls.version(modelVersion)).value?.origin?.trainingJob ?? '';
  return useAnswer(job === '' ? undefined : modelCalls.trainingJob(job)).value?.spec?.target || undefined;
}
