import type { GetPredictionResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { featureCalls } from '../../calls/features.js';
import { inferenceCalls } from '../../calls/inference.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { useAnswer } from '../../client/answers.js';
import { Shown } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource, usePlace } from '../../router.js';
import { figure, moment } from '../../text.js';
import { SourceRows } from '../features/source-rows.js';
import { Inputs } from '../prediction/inputs.js';
import { NearAlerts } from '../prediction/near-alerts.js';
import { OpenPrediction } from '../prediction/open-prediction.js';
import { askedOf } from '../prediction/asked-of.js';
import { Way } from '../prediction/way.js';

/** One prediction: what was asked, as the model saw it and down to the source rows, what was answered, what really happened, and all that led to it. Below it, the rows of one input. */
export function PredictionPage({ endpoint, id }: { readonly endpoint: string; readonly id: string }) {
  const name = `${endpoint}/predictions/${id}`;
  const [, , , , part, input] = usePlace();
  const prediction = useAnswer(inferenceCalls.prediction(name));
  const service = useAnswer(inferenceCalls.endpoints()).value?.endpoints.find((each) => each.name === endpoint)?.featureService;
  const chosen = part === 'inputs' && input !== undefined ? decodeURIComponent(input) : undefined;
  return (
    <>
      <p className="crumbs">
        <Link href="/endpoints">Endpoints</Link> / <Resource name={endpoint} />
        {chosen === undefined ? undefined : <> / <Link href={`/${name}`}>prediction {id.slice(-8)}</Link></>}
      </p>
      <h1>{chosen ?? `Prediction ${id.slice(-8)}`}</h1>
      <Shown answer={prediction} what="the prediction">
        {(value) => (chosen === undefined ? <Whole name={name} prediction={value} service={service} /> : <Chosen prediction={value} service={service} input={chosen} />)}
      </Shown>
    </>
  );
}

interface Parts {
  readonly prediction: GetPredictionResponse;
  /** The feature service of the endpoint; empty where a request brings all, undefined while it is not known. */
  readonly service: string | undefined;
}

function Chosen({ prediction, service, input }: Parts & { readonly input: string }) {
  const at = prediction.inputs.indexOf(input);
  return (
    <>
      <p className="lead">One input of this prediction, and the rows that it was made of.</p>
      {service ? <SourceRows asked={askedOf(prediction, service)} feature={input} served={prediction.record?.inputs[at]} /> : undefined}
    </>
  );
}

function Whole({ name, prediction, service }: Parts & { readonly name: string }) {
  const lineage = useAnswer(pipelineCalls.lineage(name));
  const history = useAnswer(service ? featureCalls.explanation(askedOf(prediction, service)) : undefined);
  const { record, label, labelTime } = prediction;
  return (
    <>
      <Facts
        facts={[
          ['Score', <b key="score">{figure(record?.score, 6)}</b>],
          ['What really happened', label === undefined ? 'no label yet' : `${figure(label)}, known ${moment(labelTime)}`],
          ['Version', record ? <Resource key="version" name={record.modelVersion} /> : '–'],
          ['About', moment(record?.eventTime)],
          ['Answered', moment(record?.predictTime)],
          ['What was odd', record?.flags.length ? record.flags.map(({ column, kind }) => `${column}: ${kind.toLowerCase().replaceAll('_', ' ')}`).join('; ') : 'nothing'],
        ]}
      />
      <h2>What the model saw</h2>
      <Inputs name={name} prediction={prediction} service={service} history={history} />
      <h2>The way to it</h2>
      <Shown answer={lineage} what="the lineage">
        {({ lineage: graph }) => (
          <>
            <Way nodes={graph?.nodes ?? []} edges={graph?.edges ?? []} prediction={prediction} />
            <h2>Alerts about its time</h2>
            <NearAlerts endpoint={record?.endpoint ?? ''} time={record?.eventTime} />
            <h2>All that led to it</h2>
            <Table
              title="Lineage"
              hidden
              rows={graph?.nodes ?? []}
              keyOf={(node) => node.name}
              columns={[
                { head: 'Resource', cell: (node) => <Resource name={node.name} /> },
                { head: 'Kind', cell: ({ kind }) => kind.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) },
                { head: 'Used as', cell: (node) => [...new Set((graph?.edges ?? []).filter(({ from }) => from === node.name).map(({ role }) => role))].join(', ') || '–' },
              ]}
            />
          </>
        )}
      </Shown>
      <h2>Another one</h2>
      <OpenPrediction endpoint={record?.endpoint ?? ''} />
    </>
  );
}
