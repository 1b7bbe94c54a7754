import type { ModelVersion, ParityCertificate } from '@millrace/contracts/millrace/registry/v1/model';
import { Empty, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { count, figure, moment, shortDigest } from '../../text.js';
import { seenOf, typeOf } from './input-words.js';

/** What goes into a version and what comes out, and the proof that serving gives the bits that batch scoring gave. */
export function Inputs({ version: { signature, certificate, name } }: { readonly version: ModelVersion }) {
  const inputs = signature?.inputs ?? [];
  return (
    <>
      <h2>Signature</h2>
      {inputs.length === 0 ? (
        <Empty title="No inputs are known">This version was registered without a signature.</Empty>
      ) : (
        <>
          <p className="quiet">
            {count(inputs.length)} inputs, {count(inputs.filter(({ required }) => required).length)} of them required. It answers with {signature?.outputs.map((output) => output.name).join(', ') || 'score'}: the probability of the positive class.
          </p>
          <Table
            title="Inputs"
            hidden
            rows={inputs}
            keyOf={({ column }) => column?.name ?? ''}
            columns={[
              { head: 'Input', cell: ({ column }) => column?.name },
              { head: 'Type', cell: typeOf },
              { head: 'Required', cell: ({ required }) => (required ? 'required' : 'may be missing') },
              { head: 'Seen in training', cell: (input) => seenOf(input) },
            ]}
          />
        </>
      )}
      <h2>Parity certificate</h2>
      {certificate ? <Certificate certificate={certificate} /> : <Empty title="Not certified">Nobody has compared what serving answers for {name} with what batch scoring answered. A pipeline does so before it deploys.</Empty>}
    </>
  );
}

function Certificate({ certificate: { rows, equal, maxDifference, environment, createTime, sampleDigest } }: { readonly certificate: ParityCertificate }) {
  const runtime = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <>
      <p>
        <State tone={equal === rows ? 'good' : 'watch'} word={equal === rows ? 'the same bits' : 'not the same bits'} /> {count(equal)} of {count(rows)} held-out rows, asked one by one through the serving path, were answered with the bits of batch scoring.
      </p>
      <Facts
        facts={[
          ['Rows', count(rows)],
          ['Equal', count(equal)],
          ['Largest difference', equal === rows ? 'none' : figure(maxDifference)],
          ['Certified', moment(createTime)],
          ['Digest of the rows', sampleDigest === '' ? '–' : <code title={sampleDigest}>{shortDigest(sampleDigest)}</code>],
          ...runtime.map(([key, value]) => [key.replaceAll('_', ' '), value] as const),
        ]}
      />
    </>
  );
}
