import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { useRunEvents } from '../../calls/live.js';
import { pipelineCalls, pipelineDeeds } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { placeOf, spoken } from '../../names.js';
import { ActButton } from '../../parts/act-button.js';
import { bare, causeOf } from '../../parts/meaning.js';
import { Shown, State } from '../../parts/states.js';
import { Why } from '../../parts/why.js';
import { Link, Resource } from '../../router.js';
import { age } from '../../text.js';
import { Judgement } from '../models/judgement.js';
import { CompareRuns } from './compare-runs.js';
import { Steps } from './steps.js';

const GOING = ['PENDING', 'RUNNING'];

/** One run as it goes, one of its steps with what it said, or two runs side by side. */
export function RunView({ below: [id = '', what, other] }: { readonly below: readonly string[] }) {
  return what === 'with' && other !== undefined ? <CompareRuns before={`pipelineRuns/${id}`} after={`pipelineRuns/${other}`} /> : <RunPage name={`pipelineRuns/${id}`} step={what === 'steps' ? other : undefined} />;
}

function RunPage({ name, step }: { readonly name: string; readonly step: string | undefined }) {
  const run = useAnswer(pipelineCalls.pipelineRun(name));
  useRunEvents(name, GOING.includes(bare(run.value?.status?.state ?? '')));
  const pipeline = run.value?.pipelineVersion.split('/').slice(0, 2).join('/');
  return (
    <>
      <p className="crumbs">
        <Link href="/pipelines">Pipelines</Link>
        {pipeline === undefined ? undefined : (
          <>
            {' '}
            / <Resource name={pipeline} />
          </>
        )}
      </p>
      <h1>Run {name.slice(-6)}</h1>
      <Shown answer={run} what="the run">
        {(value) => <RunPart run={value} step={step} />}
      </Shown>
    </>
  );
}

function RunPart({ run, step }: { readonly run: PipelineRun; readonly step: string | undefined }) {
  const { name, status, cause, createTime, outcome, steps, pipelineVersion } = run;
  const evaluationName = steps.map(({ outputs }) => outputs['evaluation'] ?? '').find((each) => each !== '');
  const evaluation = useAnswer(evaluationName === undefined ? undefined : registryCalls.evaluation(evaluationName));
  const specs = useAnswer(pipelineCalls.pipelineVersion(pipelineVersion)).value?.steps ?? [];
  return (
    <>
      <p className="lead">
        <State of={status?.state ?? ''} /> It was started {causeOf(cause?.kind)}
        {cause?.resource ? <> (<Resource name={cause.resource} as={placeOf(cause.resource) ? spoken(cause.resource) : (cause.resource.split('/').at(-1) ?? '')} />)</> : undefined}, {age(createTime)}.
      </p>
      {GOING.includes(bare(status?.state ?? '')) ? (
        <div className="acts">
          <ActButton label="Cancel it" deed={() => pipelineDeeds.cancel(name)} ask={{ title: 'Cancel this run?', says: 'The step that goes on now is stopped. What earlier steps made stays.' }} />
        </div>
      ) : undefined}
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
      <Steps run={run} specs={specs} chosen={step} />
      {evaluationName === undefined ? undefined : (
        <section aria-labelledby="judgement">
          <h2 id="judgement">How the challenger was judged</h2>
          <Shown answer={evaluation} what="the evaluation">
            {(value) => <Judgement evaluation={value} />}
          </Shown>
        </section>
      )}
    </>
  );
}
