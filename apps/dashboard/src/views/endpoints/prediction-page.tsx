import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { useAnswer } from '../../client/answers.js';
import { inferenceCalls } from '../../calls/inference.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { Shown } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { figure, moment } from '../../text.js';

/** A cell as a person reads it; what is not there is missing. */
function shown({ kind }: Value): string {
  switch (kind?.$case) {
    case undefined:
      return 'missing';
    case 'timestampValue':
      return moment(kind.value);
    case 'float64Value':
      return figure(kind.value, 6);
    case 'stringValue':
      return kind.value;
    case 'boolValue':
    case 'int64Value':
      return String(kind.value);
  }
}

/** One prediction: what was asked, as the model saw it, what was answered, what really happened, and all that led to it. */
export function PredictionPage({ endpoint, id }: { readonly endpoint: string; readonly id: string }) {
  const name = `${endpoint}/predictions/${id}`;
  const prediction = useAnswer(inferenceCalls.prediction(name));
  const lineage = useAnswer(pipelineCalls.lineage(name));
  return (
    <>
      <p className="crumbs">
        <Link href="/endpoints">Endpoints</Link> / <Resource name={endpoint} />
      </p>
      <h1>Prediction {id.slice(-8)}</h1>
      <Shown answer={prediction} what="the prediction">
        {({ record, inputs, label, labelTime }) => (
          <>
            <Facts
              facts={[
                ['Score', <b key="score">{figure(record?.score, 6)}</b>],
                ['What really happened', label === undefined ? 'no label yet' : `${figure(label)}, known ${moment(labelTime)}`],
                ['Version', record ? <Resource key="version" name={record.modelVersion} /> : '–'],
                ['About', moment(record?.eventTime)],
                ['Answered', moment(record?.predictTime)],
              ]}
            />
            <h2>What the model saw</h2>
            <Table title="Inputs" hidden rows={inputs.map((input, i) => ({ input, value: record?.inputs[i] }))} keyOf={({ input }) => input} columns={[{ head: 'Input', cell: ({ input }) => input }, { head: 'Value', cell: ({ value }) => (value ? shown(value) : 'missing') }]} />
          </>
        )}
      </Shown>
      <h2>All that led to it</h2>
      <Shown answer={lineage} what="the lineage">
        {({ lineage: graph }) => (
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
        )}
      </Shown>
    </>
  );
}
