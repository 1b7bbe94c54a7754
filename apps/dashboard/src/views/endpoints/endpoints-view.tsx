import '../../style/forms.css';
import '../../style/traces.css';
import '../../style/endpoints.css';
import { inferenceCalls } from '../../calls/inference.js';
import { useAnswer } from '../../client/answers.js';
import { Empty, Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, numberOf } from '../../text.js';
import { Answering } from './answering.js';
import { EndpointPage } from './endpoint-page.js';
import { PredictionPage } from './prediction-page.js';

/** Endpoints: all of them, one with what it answers and a way to try it, or one prediction. */
export function EndpointsView({ below: [endpoint, part = '', prediction] }: { readonly below: readonly string[] }) {
  if (endpoint === undefined) return <Endpoints />;
  return prediction === undefined ? <EndpointPage name={`endpoints/${endpoint}`} part={part} /> : <PredictionPage endpoint={`endpoints/${endpoint}`} id={prediction} />;
}

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
