import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import type { Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import type { ReactNode } from 'react';
import { bare, causeOf } from '../../parts/meaning.js';
import { State } from '../../parts/states.js';
import { Why } from '../../parts/why.js';
import { Resource } from '../../router.js';
import { age, count, day, fixed, mainMetricOf, metricTitle, numberOf, plural } from '../../text.js';
import type { Part } from './line.js';

/** What the four questions are answered from. */
export interface AnswerFacts {
  readonly unread: ReadonlySet<Part>;
  readonly runs: readonly PipelineRun[];
  readonly dataset: DatasetVersion | undefined;
  readonly version: ModelVersion | undefined;
  readonly evaluation: Evaluation | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly monitor: Monitor | undefined;
  readonly reports: readonly Report[];
}

interface Asked {
  readonly ask: string;
  readonly facts: AnswerFacts;
  /** What its answer is told from. */
  readonly from: readonly Part[];
  readonly answer: (facts: AnswerFacts) => ReactNode;
}

function Question({ ask, facts, from, answer }: Asked) {
  return (
    <section className="question">
      <h3>{ask}</h3>
      {from.some((part) => facts.unread.has(part)) ? <p>That could not be read.</p> : answer(facts)}
    </section>
  );
}

/** The four questions that a stranger has, each answered in a sentence or two with its figures. */
export function FourAnswers(facts: AnswerFacts) {
  return (
    <div className="questions">
      <Question ask="What answers now?" facts={facts} from={['endpoint', 'version']} answer={whatAnswers} />
      <Question ask="How good is it?" facts={facts} from={['endpoint', 'evaluation']} answer={howGood} />
      <Question ask="Has the world changed?" facts={facts} from={['monitor', 'reports']} answer={whatChanged} />
      <Question ask="Did it train again?" facts={facts} from={[]} answer={whyTrained} />
    </div>
  );
}

function whatAnswers({ endpoint, version, dataset }: AnswerFacts): ReactNode {
  if (!version || !endpoint) return <p>Nothing is served yet. A model answers once it has passed its gate.</p>;
  const { datasetVersion } = version.origin ?? { datasetVersion: '' };
  return (
    <p>
      <b>{endpoint.name.split('/')[1]}</b> answers with <Resource name={version.name} as={`version ${numberOf(version.name)}`} />, made {age(version.createTime)} from <Resource name={datasetVersion} />
      {dataset?.name === datasetVersion ? `, ${count(dataset.rows)} rows` : ''}.
      {version.certificate ? ` Serving gave the bits of the batch on ${count(version.certificate.equal)} of ${count(version.certificate.rows)} held-out rows.` : ' It has no parity certificate.'}
    </p>
  );
}

function howGood({ evaluation }: AnswerFacts): ReactNode {
  const chosen = evaluation?.rungs.at(-1);
  const metric = mainMetricOf(Object.fromEntries((chosen?.metrics ?? []).map((each) => [each.metric, each.value])));
  if (!evaluation || !chosen || metric === undefined) return <p>Not judged yet: the first run trains a ladder of models and compares them.</p>;
  const of = (rung: (typeof evaluation.rungs)[number]): string => fixed(rung.metrics.find((each) => each.metric === metric)?.value);
  const others = evaluation.rungs.slice(0, -1);
  return (
    <p>
      {metricTitle(metric)} <b>{of(chosen)}</b> for {chosen.rung} on {count(evaluation.rows)} rows that it had not seen. {others.length > 0 ? `Beside it: ${others.map((rung) => `${rung.rung === 'champion' ? 'its predecessor' : rung.rung} ${of(rung)}`).join(', ')}.` : ''}
    </p>
  );
}

function whatChanged({ reports, monitor }: AnswerFacts): ReactNode {
  const judged = reports.find(({ state }) => bare(state) === 'CLOSED');
  if (!monitor || !judged) return <p>Nobody knows yet: no window of predictions has been judged.</p>;
  const ignored = new Set(monitor.drift?.ignore);
  const watched = judged.columns.filter(({ column, drifted, degraded }) => !ignored.has(column) || drifted || degraded);
  const moved = watched.filter(({ drifted, degraded }) => drifted || degraded).sort((a, b) => (b.distances['psi'] ?? 0) - (a.distances['psi'] ?? 0));
  const [most] = moved;
  const [realised] = judged.performance.filter(({ metric }) => metric === (monitor.performance?.metric ?? 'log_loss'));
  return (
    <p>
      {moved.length === 0 ? <>No: none of {plural(watched.length, 'input')} moved beyond its limit</> : <><b>Yes:</b> {count(moved.length)} of {plural(watched.length, 'input')} moved beyond their limit{most ? <>, most of all <code>{most.column}</code></> : undefined},</>} in the window from {day(judged.from)} to {day(judged.to)}.
      {realised ? ` Realised ${metricTitle(realised.metric).toLowerCase()} was ${fixed(realised.value)} on ${count(judged.labels)} labels.` : ''}
    </p>
  );
}

function whyTrained({ runs }: AnswerFacts): ReactNode {
  const run = runs.find(({ outcome }) => outcome !== undefined && bare(outcome.decision) !== 'NONE') ?? runs[0];
  if (!run) return <p>It has never run. A run by hand, new data, drift or a schedule starts it.</p>;
  const { outcome, status } = run;
  return (
    <>
      <p>
        {plural(runs.length, 'run')} so far. The last one to decide was started <Resource name={run.name} as={causeOf(run.cause?.kind)} /> {age(run.createTime)}. <State of={outcome ? outcome.decision : (status?.state ?? '')} />
      </p>
      <Why text={outcome?.why ?? ''} />
    </>
  );
}
