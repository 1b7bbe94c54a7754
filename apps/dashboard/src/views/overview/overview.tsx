import type { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { useAnswer } from '../../client/answers.js';
import { monitorCalls } from '../../calls/monitor.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { bare } from '../../parts/meaning.js';
import { Empty, Failure, Loading, State } from '../../parts/states.js';
import { Link, Resource } from '../../router.js';
import { age, plural } from '../../text.js';
import { FourAnswers } from './answers.js';
import { Decisions, decisionsOf } from './decisions.js';
import { type Station, stationsOf } from './line.js';
import { Needs, needsOf } from './needs.js';
import { useLine } from './use-line.js';

/** How everything stands, from source to monitor, in one look. */
export function Overview() {
  const pipelines = useAnswer(pipelineCalls.pipelines());
  const runs = useAnswer(pipelineCalls.pipelineRuns());
  const alerts = useAnswer(monitorCalls.alerts());
  const firings = useAnswer(pipelineCalls.firings());
  const failure = [pipelines, runs, alerts, firings].find((answer) => answer.failure)?.failure;
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
        <PipelineLine key={pipeline.name} pipeline={pipeline} />
      ))}
      <Needs needs={needs} />
      <Decisions decisions={decisionsOf(firings.value.firings, runs.value.pipelineRuns)} />
    </>
  );
}

/** One pipeline as a line of stations, with what it means in words. */
function PipelineLine({ pipeline }: { readonly pipeline: Pipeline }) {
  const { facts, isWhole, failure } = useLine(pipeline);
  const stations = stationsOf(facts);
  return (
    <section className="pipeline" aria-label={`Pipeline ${pipeline.name.split('/')[1] ?? ''}`}>
      <h2>
        <Resource name={pipeline.name} />
        {pipeline.paused ? <State tone="watch" word="paused" /> : undefined}
      </h2>
      {pipeline.description === '' ? undefined : <p className="quiet">{pipeline.description}</p>}
      {failure ? <Failure failure={failure} stale={facts.unread.size === 0} /> : undefined}
      {isWhole ? (
        <>
          <ol className="line" data-going={stations.some(({ tone }) => tone === 'going') || undefined}>
            {stations.map((station) => (
              <StationMark key={station.title} station={station} />
            ))}
          </ol>
          <FourAnswers {...facts} />
        </>
      ) : (
        <Loading what="how this pipeline stands" />
      )}
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
