import type { PipelineRun, StepRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { useAnswer } from '../../client/answers.js';
import { useRunEvents } from '../../calls/live.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { Stretches } from '../../charts/stretches.js';
import { bare, causeOf } from '../../parts/meaning.js';
import { Shown, State } from '../../parts/states.js';
import { Figure } from '../../parts/figure.js';
import { Why } from '../../parts/why.js';
import { placeOf, spoken } from '../../names.js';
import { Link, Resource } from '../../router.js';
import { age, span } from '../../text.js';
import { Judgement } from '../models/judgement.js';

const GOING = ['PENDING', 'RUNNING'];

/** One run, as it goes: its steps on a scale of time, what it came to, and how its challenger was judged. */
export function RunView({ id }: { readonly id: string }) {
  const name = `pipelineRuns/${id}`;
  const run = useAnswer(pipelineCalls.pipelineRun(name));
  useRunEvents(name, GOING.includes(bare(run.value?.status?.state ?? '')));
  return (
    <>
      <p className="crumbs">
        <Link href="/pipelines">Pipelines</Link>
        {run.value ? <> / <Resource name={run.value.pipelineVersion.split('/').slice(0, 2).join('/')} /></> : undefined}
      </p>
      <h1>Run {id.slice(-6)}</h1>
      <Shown answer={run} what="the run">{(value) => <RunPart run={value} />}</Shown>
    </>
  );
}

const secondsOf = ({ startTime, endTime }: StepRun): number | undefined => (startTime ? ((endTime ?? new Date()).getTime() - startTime.getTime()) / 1_000 : undefined);

function RunPart({ run: { status, cause, createTime, outcome, steps } }: { readonly run: PipelineRun }) {
  const evaluationName = steps.map(({ outputs }) => outputs['evaluation'] ?? '').find((each) => each !== '');
  const evaluation = useAnswer(evaluationName === undefined ? undefined : registryCalls.evaluation(evaluationName));
  return (
    <>
      <p className="lead">
        <State of={status?.state ?? ''} /> It was started {causeOf(cause?.kind)}
        {cause?.resource ? <> (<Resource name={cause.resource} as={placeOf(cause.resource) ? spoken(cause.resource) : (cause.resource.split('/').at(-1) ?? '')} />)</> : undefined}, {age(createTime)}.
      </p>
      {status?.error ? (
        <p className="failure" role="alert">
          <strong>It failed.</strong> {status.error.message}
        </p>
      ) : undefined}
      {outcome ? (
        <section className="outcome">
          <h2>
            What came of it <State of={outcome.decision} />
          </h2>
          {outcome.modelVersion === '' ? undefined : (
            <p>
              <Resource name={outcome.modelVersion} />
            </p>
          )}
          <Why text={outcome.why} />
        </section>
      ) : undefined}
      <h2>Steps</h2>
      <Figure
        title="Where the time went"
        picture={<Stretches stretches={steps.map(({ id, state, startTime, endTime }) => ({ id, state, from: startTime, to: endTime }))} now={new Date()} />}
        table={{
          rows: steps,
          keyOf: ({ id }) => id,
          columns: [
          { head: 'Step', cell: ({ id }) => id },
          { head: 'State', cell: ({ state, progress }) => <><State of={state} /> {bare(state) === 'RUNNING' && progress ? progress.note || progress.step : ''}</> },
          { head: 'Took', figures: true, cell: (step) => (secondsOf(step) === undefined ? '–' : span(secondsOf(step) ?? 0)) },
          { head: 'Made', cell: ({ outputs, error }) => error?.message ?? <Made outputs={outputs} /> },
        ],
        }}
      />
      {evaluationName === undefined ? undefined : (
        <section aria-labelledby="judgement">
          <h2 id="judgement">How the challenger was judged</h2>
          <Shown answer={evaluation} what="the evaluation">{(value) => <Judgement evaluation={value} />}</Shown>
        </section>
      )}
    </>
  );
}

/** The first output that has a view, or how many rows there were. */
function Made({ outputs }: { readonly outputs: Readonly<Record<string, string>> }) {
  const name = ['dataset_version', 'model_version', 'monitor'].map((key) => outputs[key] ?? '').find((each) => each !== '');
  if (name !== undefined) return <Resource name={name} />;
  const { rows } = outputs;
  return rows === undefined ? '–' : `${Number(rows).toLocaleString('en-GB')} rows`;
}
