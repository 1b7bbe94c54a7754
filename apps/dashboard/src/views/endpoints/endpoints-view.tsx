import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { useAnswer } from '../../client/answers.js';
import { inferenceCalls } from '../../calls/inference.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, figure, moment, numberOf } from '../../text.js';
import { PredictionPage } from './prediction-page.js';

/** Endpoints: all of them, one with what it answered last, or one prediction. */
export function EndpointsView({ below: [endpoint, , prediction] }: { readonly below: readonly string[] }) {
  if (endpoint === undefined) return <Endpoints />;
  return prediction === undefined ? <EndpointPage name={`endpoints/${endpoint}`} /> : <PredictionPage endpoint={`endpoints/${endpoint}`} id={prediction} />;
}

const Answering = ({ modelVersion }: Endpoint) => (modelVersion === '' ? <State tone="idle" word="nothing to serve yet" /> : <Resource name={modelVersion} />);

function Endpoints() {
  const endpoints = useAnswer(inferenceCalls.endpoints());
  return (
    <>
      <h1>Endpoints</h1>
      <p className="lead">An endpoint is a stable address for predictions; it answers with the version that its alias points at.</p>
      <Shown answer={endpoints} what="endpoints">
        {({ endpoints: all }) =>
          all.length === 0 ? (
            <Empty title="No endpoint yet" command="npx millrace run late-flights">
              A pipeline makes one when its first challenger has passed the gate.
            </Empty>
          ) : (
            <Table
              title="Endpoints"
              hidden
              rows={all}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Endpoint', cell: ({ name }) => <Resource name={name} /> },
                { head: 'Answers with', cell: Answering },
                { head: 'Follows', cell: ({ alias }) => <span className="alias">@{numberOf(alias)}</span> },
                { head: 'Since', cell: ({ createTime }) => age(createTime) },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}

/** What happens to an input that training did not see. */
const GUARDS: Readonly<Record<string, string>> = { ACTION_UNSPECIFIED: 'told beside the answer', ACTION_FLAG: 'told beside the answer', ACTION_REJECT: 'refused', ACTION_IGNORE: 'not looked at' };

function EndpointPage({ name }: { readonly name: string }) {
  const endpoints = useAnswer(inferenceCalls.endpoints());
  const predictions = useAnswer(inferenceCalls.predictions(name));
  const endpoint = endpoints.value?.endpoints.find((each) => each.name === name);
  return (
    <>
      <p className="crumbs">
        <Link href="/endpoints">Endpoints</Link>
      </p>
      <h1>{name.split('/')[1]}</h1>
      {endpoint ? (
        <Facts
          facts={[
            ['Answers with', <Answering key="version" {...endpoint} />],
            ['Follows', <span key="alias" className="alias">@{numberOf(endpoint.alias)}</span>],
            ['Features', endpoint.featureService === '' ? 'as the request has them' : numberOf(endpoint.featureService)],
            ['Numbers out of range', GUARDS[endpoint.guard?.outOfRange ?? 'ACTION_FLAG']],
            ['Unseen texts', GUARDS[endpoint.guard?.unseenCategory ?? 'ACTION_FLAG']],
            ['Missing inputs', GUARDS[endpoint.guard?.missing ?? 'ACTION_FLAG']],
          ]}
        />
      ) : undefined}
      <h2>Newest predictions</h2>
      <Shown answer={predictions} what="predictions">
        {({ predictions: all }) =>
          all.length === 0 ? (
            <Empty title="No prediction yet" command={`npx millrace predict ${name.split('/')[1] ?? ''} --row '{…}'`}>
              What is asked and answered is logged, so that it can be watched and explained.
            </Empty>
          ) : (
            <Table
              title="Newest predictions"
              hidden
              rows={all.flatMap(({ record }) => (record ? [record] : []))}
              keyOf={({ id }) => id}
              columns={[
                { head: 'Prediction', cell: ({ id }) => <Link href={`/${name}/predictions/${id}`}>{id.slice(-8)}</Link> },
                { head: 'Score', figures: true, cell: ({ score }) => figure(score) },
                { head: 'Version', cell: ({ modelVersion }) => <Resource name={modelVersion} as={numberOf(modelVersion)} /> },
                { head: 'What was odd', cell: ({ flags }) => (flags.length === 0 ? 'nothing' : flags.map(({ column, kind }) => `${column}: ${kind.toLowerCase().replaceAll('_', ' ')}`).join('; ')) },
                { head: 'About', cell: ({ eventTime }) => moment(eventTime) },
                { head: 'Answered', cell: ({ predictTime }) => age(predictTime) },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}
