import type { DatasetVersion, RowCounts } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { useAnswer } from '../../client/answers.js';
import { dataCalls } from '../../calls/data.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Facts, Table } from '../../parts/table.js';
import { Link, Resource } from '../../router.js';
import { age, count, day, numberOf, percent, shareOf, shortDigest } from '../../text.js';
import { Profile } from './profile.js';

/** Data: all datasets, or one with its versions. */
export function DataView({ below: [dataset, , version = 'latest'] }: { readonly below: readonly string[] }) {
  return dataset === undefined ? <Datasets /> : <DatasetPage dataset={`datasets/${dataset}`} version={version} />;
}

function Datasets() {
  const datasets = useAnswer(dataCalls.datasets());
  return (
    <>
      <h1>Data</h1>
      <p className="lead">A dataset grows by immutable versions. Every row that is read is kept, dropped as a duplicate, or quarantined with its reason.</p>
      <Shown answer={datasets} what="datasets">
        {({ datasets: all }) =>
          all.length === 0 ? (
            <Empty title="No dataset yet" command="npx millrace dataset ingest flights flights.csv">
              A run of a pipeline makes one from its sources, or read a file by hand.
            </Empty>
          ) : (
            <Table
              title="Datasets"
              hidden
              rows={all}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Dataset', cell: ({ name }) => <Resource name={name} /> },
                { head: 'Newest version', cell: ({ latestVersion }) => (latestVersion === '' ? 'none yet' : <Resource name={latestVersion} as={`version ${numberOf(latestVersion)}`} />) },
                { head: 'Says of itself', cell: ({ description }) => description || '–' },
                { head: 'Since', cell: ({ createTime }) => age(createTime) },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}

function DatasetPage({ dataset, version }: { readonly dataset: string; readonly version: string }) {
  const shown = useAnswer(dataCalls.datasetVersion(`${dataset}/versions/${version}`));
  const versions = useAnswer(dataCalls.datasetVersions(dataset));
  return (
    <>
      <p className="crumbs">
        <Link href="/data">Data</Link>
      </p>
      <h1>{dataset.split('/')[1]}</h1>
      <Shown answer={shown} what="the version">
        {(value) => (
          <>
            <VersionPart version={value} />
            <h2>Versions</h2>
            <Table
              title="Versions, newest first"
              hidden
              rows={versions.value?.datasetVersions ?? []}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Version', cell: ({ name }) => <Link href={`/data/${name.slice('datasets/'.length)}`} aria-current={name === value.name ? 'true' : undefined}>{numberOf(name)}</Link> },
                { head: 'Rows', figures: true, cell: ({ rows }) => count(rows) },
                { head: 'Read', figures: true, cell: ({ counts }) => count(counts?.read ?? 0n) },
                { head: 'Duplicates', figures: true, cell: ({ counts }) => count(counts?.duplicates ?? 0n) },
                { head: 'Quarantined', figures: true, cell: ({ counts }) => count(counts?.quarantined ?? 0n) },
                { head: 'Reaches to', cell: ({ eventTimeMax }) => day(eventTimeMax) },
                { head: 'Made', cell: ({ createTime }) => age(createTime) },
              ]}
            />
          </>
        )}
      </Shown>
    </>
  );
}

function VersionPart({ version }: { readonly version: DatasetVersion }) {
  const { name, rows, counts, eventTimeMin, eventTimeMax, digest, expectations, profile, createTime, schema } = version;
  return (
    <>
      <p className="lead">
        Version {numberOf(name)} holds {count(rows)} rows of {count(schema?.columns.length ?? 0)} columns{eventTimeMin ? `, from ${day(eventTimeMin)} to ${day(eventTimeMax)}` : ''}. It was made {age(createTime)}.
      </p>
      {counts ? <Counts counts={counts} /> : undefined}
      {expectations.length > 0 ? (
        <section>
          <h2>What was expected</h2>
          <ul className="checks">
            {expectations.map(({ name: expectation, met, broken, observed }) => (
              <li key={expectation}>
                <State tone={met ? 'good' : 'watch'} word={met ? 'met' : 'not met'} /> {expectation}
                {observed === '' ? '' : `: ${observed}`}
                {broken > 0n ? ` (${count(broken)} rows broke it)` : ''}
              </li>
            ))}
          </ul>
        </section>
      ) : undefined}
      <h2>What its columns hold</h2>
      <Profile columns={profile} rows={rows} />
      <Facts facts={[['Digest', <code key="digest">{shortDigest(digest)}</code>], ['Objects', count(version.objects.length)], ['Ledger', version.ledger ? `${count(version.ledger.rows)} cells` : 'no cell was mended'], ['Missing cells', percent(missingShare(version))]]} />
    </>
  );
}

/** The share of all cells that are missing. */
function missingShare({ profile, rows }: DatasetVersion): number {
  const cells = Number(rows) * profile.length;
  return cells === 0 ? 0 : profile.reduce((sum, { missing }) => sum + Number(missing), 0) / cells;
}

const PARTS = [
  ['kept', 'kept', 'good'],
  ['duplicates', 'duplicates', 'idle'],
  ['quarantined', 'quarantined', 'watch'],
] as const;

/** Where every row that was read went: the parts make the whole. */
function Counts({ counts }: { readonly counts: RowCounts }) {
  const read = Number(counts.read) || 1;
  let from = 0;
  return (
    <section className="counts" aria-label="Where every row went">
      <p>
        <b>{count(counts.read)}</b> rows read for this version
      </p>
      <svg width="100%" height="14" aria-hidden="true">
        {PARTS.map(([key, , tone]) => {
          const share = (Number(counts[key]) / read) * 100;
          const begin = from;
          from += share;
          return share > 0 ? <rect key={key} data-tone={tone} x={`${begin}%`} width={`${Math.max(share, 0.3)}%`} height="14" /> : undefined;
        })}
      </svg>
      <ul>
        {PARTS.map(([key, word, tone]) => (
          <li key={key} data-tone={tone}>
            <b>{count(counts[key])}</b> {word} <span>{shareOf(counts[key], counts.read)}</span>
          </li>
        ))}
        <li>
          <b>{count(counts.repaired)}</b> repaired on the way
        </li>
      </ul>
    </section>
  );
}
