import type { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import type { ListEndpointsResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { type Answer, useAnswer } from '../../client/answers.js';
import { calls } from '../../client/rest.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Failure, Loading, State } from '../../parts/states.js';
import { Link, Resource } from '../../router.js';
import { age, plural } from '../../text.js';
import { FourAnswers } from './answers.js';
import { Decisions, decisionsOf } from './decisions.js';
import { evaluationOf, madeBy, type Station, stationsOf } from './line.js';
import { Needs, needsOf } from './needs.js';

/** How everything stands, from source to monitor, in one look. */
export function Overview() {
  const pipelines = useAnswer(calls.pipelines());
  const runs = useAnswer(calls.pipelineRuns());
  const alerts = useAnswer(calls.alerts());
  const firings = useAnswer(calls.firings());
  const endpoints = useAnswer(calls.endpoints());
  const failure = [pipelines, runs, alerts, firings, endpoints].find((answer) => answer.failure)?.failure;
  if (!pipelines.value || !runs.value || !alerts.value || !firings.value) return failure ? <Failure failure={failure} /> : <Loading what="how everything stands" />;
  if (pipelines.value.pipelines.length === 0)
    return (
      <>
        <h1>Overview</h1>
        <Empty title="No pipeline yet" command={'npx millrace apply examples/flights/millrace.yaml\nnpx millrace run late-flights'}>
          A pipeline is one file: where the data come from, which features and models, when to release and when to train again. Say what is wanted, then run it; it appears here while it runs.
        </Empty>
      </>
    );
  const needs = needsOf({ alerts: alerts.value.alerts, runs: runs.value.pipelineRuns, pipelines: pipelines.value.pipelines });
  const going = runs.value.pipelineRuns.filter(({ status }) => ['PENDING', 'RUNNING'].includes(bare(status?.state ?? ''))).length;
  return (
    <>
      <h1>Overview</h1>
      <p className="lead">
        {plural(pipelines.value.pipelines.length, 'pipeline')}, {going === 0 ? 'nothing runs just now' : `${plural(going, 'run')} under way`}. {needs.length === 0 ? 'Nothing needs somebody.' : `${plural(needs.length, 'thing needs', 'things need')} somebody.`}
      </p>
      {failure ? <Failure failure={failure} stale /> : undefined}
      {pipelines.value.pipelines.map((pipeline) => (
        <PipelineLine key={pipeline.name} pipeline={pipeline} endpoints={endpoints} />
      ))}
      <Needs needs={needs} />
      <Decisions decisions={decisionsOf(firings.value.firings, runs.value.pipelineRuns)} />
    </>
  );
}

/** One pipeline as a line of stations, with what it means in words. */
function PipelineLine({ pipeline, endpoints }: { readonly pipeline: Pipeline; readonly endpoints: Answer<ListEndpointsResponse> }) {
  const all = useAnswer(calls.pipelineRuns()).value?.pipelineRuns ?? [];
  const runs = all.filter(({ pipelineVersion }) => pipelineVersion.startsWith(`${pipeline.name}/`));
  const made = madeBy(runs);
  const dataset = useAnswer(made.datasetVersion === '' ? undefined : calls.datasetVersion(made.datasetVersion)).value;
  const ingestions = useAnswer(calls.ingestionRuns()).value?.ingestionRuns ?? [];
  const views = useAnswer(calls.featureViews()).value?.featureViews ?? [];
  const endpoint = endpoints.value?.endpoints.find(({ name }) => name === made.endpoint);
  const model = (endpoint?.modelVersion || made.modelVersion).split('/').slice(0, 2).join('/');
  const versions = useAnswer(model === '' ? undefined : calls.modelVersions(model)).value?.modelVersions ?? [];
  const version = versions.find(({ name }) => name === endpoint?.modelVersion) ?? versions[0];
  const monitor = useAnswer(calls.monitors()).value?.monitors.find(({ name }) => name === made.monitor);
  const reports = useAnswer(made.monitor === '' ? undefined : calls.reports(made.monitor)).value?.reports ?? [];
  const alerts = (useAnswer(calls.alerts()).value?.alerts ?? []).filter((alert) => alert.monitor === made.monitor);
  const judgedBy = evaluationOf(runs, endpoint?.modelVersion || made.modelVersion);
  const evaluation = useAnswer(judgedBy === '' ? undefined : calls.evaluation(judgedBy)).value;
  const datasetName = made.datasetVersion.split('/').slice(0, 2).join('/');
  const stations = stationsOf({ runs, dataset, ingestion: ingestions.find((run) => run.dataset === datasetName), views: views.filter((view) => view.dataset === datasetName), version, endpoint, monitor, reports, alerts });
  return (
    <section className="pipeline" aria-label={`Pipeline ${pipeline.name.split('/')[1]}`}>
      <h2>
        <Resource name={pipeline.name} />
        {pipeline.paused ? <State tone="watch" word="paused" /> : undefined}
      </h2>
      <ol className="line" data-going={stations.some(({ tone }) => tone === 'going') || undefined}>
        {stations.map((station) => (
          <StationMark key={station.title} station={station} />
        ))}
      </ol>
      <FourAnswers {...{ runs, dataset, version, evaluation, endpoint, monitor, reports }} />
    </section>
  );
}

function StationMark({ station: { title, tone, word, figure, unit, since, place } }: { readonly station: Station }) {
  return (
    <li className="station" data-tone={tone}>
      <span className="node" aria-hidden="true" />
      <h3>{place === undefined ? title : <Link href={place}>{title}</Link>}</h3>
      <p className="amount">
        <b>{figure}</b> <span>{unit}</span>
      </p>
      <State tone={tone} word={word} />
      <time dateTime={since?.toISOString()}>{age(since)}</time>
    </li>
  );
}
