import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link } from '../../router.js';
import { count, numberOf, shareOf } from '../../text.js';
import { placeIn } from './version-head.js';

/** What the contract of a version expected and what came of it, each with its counts. */
export function Expectations({ version: { name, expectations, counts } }: { readonly version: DatasetVersion }) {
  const place = { dataset: name.slice(0, name.indexOf('/versions/')), version: numberOf(name) };
  return (
    <section>
      <h2>What was expected</h2>
      {expectations.length === 0 ? (
        <p className="quiet">Nothing: the contract of its source has no expectation. One stands under <code>expectations</code> in a pipeline file; <code>npx millrace contract infer</code> drafts some.</p>
      ) : (
        <Table
          title="Expectations"
          hidden
          rows={expectations}
          keyOf={(expectation) => expectation.name}
          columns={[
            { head: 'Expectation', cell: (expectation) => expectation.name },
            { head: 'Came out', cell: ({ met }) => <State tone={met ? 'good' : 'watch'} word={met ? 'met' : 'not met'} /> },
            { head: 'Rows that broke it', figures: true, cell: ({ broken }) => (broken === 0n ? '0' : <>{(counts?.quarantined ?? 0n) > 0n ? <Link href={placeIn(place, 'rows')}>{count(broken)}</Link> : count(broken)} ({shareOf(broken, counts?.read ?? 0n)})</>) },
            { head: 'Seen', cell: ({ observed }) => <span className="prose">{observed || '–'}</span> },
          ]}
        />
      )}
    </section>
  );
}
