import type { GetPredictionResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { LineageEdge, LineageNode } from '@millrace/contracts/millrace/type/v1/lineage';
import type { ReactNode } from 'react';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer } from '../../client/answers.js';
import { causeOf } from '../../parts/meaning.js';
import { Why } from '../../parts/why.js';
import { Link, Resource } from '../../router.js';
import { count, day, moment, shortDigest } from '../../text.js';

interface Parts {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly prediction: GetPredictionResponse;
}

/** From the source to the answer, a step a line: rows, training data, model and plan, the decision to serve it. */
export function Way({ nodes, edges, prediction: { record, label, labelTime } }: Parts) {
  const version = record?.modelVersion ?? '';
  const known = useAnswer(version === '' ? undefined : registryCalls.modelVersions(version.slice(0, version.indexOf('/versions/')))).value?.modelVersions.find(({ name }) => name === version);
  const of = (kind: string): readonly LineageNode[] => nodes.filter((node) => node.kind === kind);
  const usedBy = (name: string, kind: string): LineageNode | undefined => of(kind).find((node) => edges.some(({ from, to }) => from === node.name && to === name));
  const [set] = of('TrainingSet');
  const data = set && usedBy(set.name, 'DatasetVersion');
  const run = usedBy(version, 'PipelineRun');
  const sources = of('IngestionRun');
  const steps: readonly (readonly [string, ReactNode] | undefined)[] = [
    sources.length > 0 ? ['Source', <>{[...new Set(sources.map(({ facts }) => facts['source'] ?? ''))].map((source) => <span key={source} className="path pair">{source}</span>)}<small>read in {count(sources.length)} {sources.length === 1 ? 'run' : 'runs'}</small></>] : undefined,
    data ? ['Training data', <><Resource name={data.name} /> with {count(Number(data.facts['rows'] ?? 0))} rows; a training set of {count(Number(set.facts['rows'] ?? 0))} of them{set.facts['from'] ? `, from ${day(new Date(set.facts['from']))} to ${day(new Date(set.facts['to'] ?? 0))}` : ''}</>] : undefined,
    ['Model and plan', <><Resource name={version} />{known ? <>, its plan <Link href={`/${version}`}><code>{shortDigest(known.planDigest)}</code></Link>, made {moment(known.createTime)}</> : undefined}</>],
    run ? ['Decision to serve it', <><Resource name={run.name} />, started {causeOf(run.facts['cause'])}<Why text={(run.facts['outcome'] ?? '').replace(/^[A-Z]+: /, '')} /></>] : ['Decision to serve it', 'by hand: no run of a pipeline made this version'],
    ['Answer', <>{moment(record?.predictTime)}, by <Resource name={record?.endpoint ?? ''} />{record?.traceId ? <>, trace <code>{record.traceId}</code></> : undefined}</>],
    ['What really happened', label === undefined ? 'nobody has told yet' : `${String(label)}, known ${moment(labelTime)}`],
  ];
  return (
    <ol className="way">
      {steps.map((step) =>
        step === undefined ? undefined : (
          <li key={step[0]}>
            <h3>{step[0]}</h3>
            <div>{step[1]}</div>
          </li>
        ),
      )}
    </ol>
  );
}
