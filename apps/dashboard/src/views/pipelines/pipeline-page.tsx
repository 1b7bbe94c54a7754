import type { Pipeline, PipelineVersion } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { pipelineCalls, pipelineDeeds } from '../../calls/pipelines.js';
import { useAnswer } from '../../client/answers.js';
import { ActButton } from '../../parts/act-button.js';
import { Failure, Loading, State } from '../../parts/states.js';
import { go, Link, Resource } from '../../router.js';
import { age, numberOf } from '../../text.js';
import { Triggers } from './firings.js';
import { RunsTable } from './runs-table.js';
import { StepGraph } from './step-graph.js';

/** One pipeline: its steps as they last went, what starts it, its runs, and its file. */
export function PipelinePage({ name }: { readonly name: string }) {
  const pipelines = useAnswer(pipelineCalls.pipelines());
  const runs = useAnswer(pipelineCalls.pipelineRuns());
  const version = useAnswer(pipelineCalls.pipelineVersion(`${name}/versions/latest`));
  const pipeline = pipelines.value?.pipelines.find((each) => each.name === name);
  const last = runs.value?.pipelineRuns.find(({ pipelineVersion }) => pipelineVersion.startsWith(`${name}/`));
  return (
    <>
      <p className="crumbs">
        <Link href="/pipelines">Pipelines</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      {version.value === undefined ? version.failure ? <Failure failure={version.failure} /> : <Loading what="the pipeline" /> : (
        <>
          {pipeline && pipeline.description !== '' ? <p className="lead">{pipeline.description}</p> : undefined}
          {pipeline ? <Acts pipeline={pipeline} /> : undefined}
          <h2>
            Its steps{last ? <> <small>as <Resource name={last.name} as={`run ${last.name.slice(-6)}`} /> left them, {age(last.createTime)}</small></> : undefined}
          </h2>
          <StepGraph specs={version.value.steps} steps={last?.steps ?? []} placeOfStep={(step) => (last ? `/runs/${last.name.split('/')[1]}/steps/${step}` : `/pipelines/${name.split('/')[1]}`)} />
          <Triggers pipeline={name} />
          <h2>Runs</h2>
          <RunsTable pipeline={name} />
          <File version={version.value} />
        </>
      )}
    </>
  );
}

function Acts({ pipeline: { name, paused, etag } }: { readonly pipeline: Pipeline }) {
  const open = (answer: unknown): void => go(`/runs/${PipelineRun.fromJSON(answer).name.split('/')[1]}`);
  return (
    <div className="acts">
      <ActButton main label="Run now" deed={() => pipelineDeeds.run(name, false)} ask={{ title: 'Run it now?', says: 'Steps whose inputs have not changed come from the cache. A better model takes the place of the one that answers.' }} then={open} />
      <ActButton label="Run everything anew" deed={() => pipelineDeeds.run(name, true)} ask={{ title: 'Run every step anew?', says: 'Nothing comes from the cache; it takes as long as the first time.' }} then={open} />
      {paused ? (
        <ActButton label="Resume its triggers" deed={() => pipelineDeeds.pause(name, false, etag)} />
      ) : (
        <ActButton label="Pause its triggers" deed={() => pipelineDeeds.pause(name, true, etag)} ask={{ title: 'Pause its triggers?', says: 'Nothing starts it until it is resumed, but somebody by hand. A run that goes on now goes on.' }} />
      )}
      <State tone={paused ? 'watch' : 'good'} word={paused ? 'paused' : 'watching'} />
    </div>
  );
}

function File({ version: { name, source, createTime } }: { readonly version: PipelineVersion }) {
  return (
    <>
      <h2>
        The file, version {numberOf(name)} <small>applied {age(createTime)}</small>
      </h2>
      <pre className="file" tabIndex={0} aria-label="Pipeline file">
        <code>{source}</code>
      </pre>
    </>
  );
}
