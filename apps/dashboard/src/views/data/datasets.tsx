import { dataCalls } from '../../calls/data.js';
import { useAnswers } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Empty, Shown, State } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, count, day, numberOf, shareOf } from '../../text.js';

/** Every dataset with how its newest version came out. */
export function Datasets() {
  const pages = usePages(dataCalls.datasetPages);
  const all = pages.pages.flatMap(({ datasets }) => datasets);
  const newest = new Map(useAnswers(all.flatMap(({ latestVersion }) => (latestVersion === '' ? [] : [dataCalls.datasetVersion(latestVersion)]))).flatMap((version) => (version ? [[version.name, version] as const] : [])));
  return (
    <>
      <h1>Data</h1>
      <p className="lead">A dataset grows by immutable versions. Every row that is read is kept, dropped as a duplicate, or quarantined with its reason.</p>
      <Shown answer={pages.first} what="datasets">
        {() =>
          all.length === 0 ? (
            <Empty title="No dataset yet" command="npx millrace dataset ingest flights flights.csv">
              A run of a pipeline makes one from its sources, or read a file by hand.
            </Empty>
          ) : (
            <>
              <Table
                title="Datasets"
                hidden
                rows={all.map((dataset) => ({ dataset, version: newest.get(dataset.latestVersion) }))}
                keyOf={({ dataset }) => dataset.name}
                columns={[
                  { head: 'Dataset', cell: ({ dataset: { name, description } }) => <><Resource name={name} />{description === '' ? undefined : <small className="below">{description}</small>}</> },
                  { head: 'Newest version', cell: ({ dataset: { latestVersion } }) => (latestVersion === '' ? 'none yet' : <Resource name={latestVersion} as={`version ${numberOf(latestVersion)}`} />) },
                  { head: 'Rows', figures: true, cell: ({ version }) => (version ? count(version.rows) : '–') },
                  { head: 'Quarantined', figures: true, cell: ({ version }) => (version?.counts ? `${count(version.counts.quarantined)} (${shareOf(version.counts.quarantined, version.counts.read)})` : '–') },
                  { head: 'Expectations', cell: ({ version }) => (version ? <Met met={version.expectations.filter(({ met }) => met).length} of={version.expectations.length} /> : '–') },
                  { head: 'Reaches to', cell: ({ version }) => day(version?.eventTimeMax) },
                  { head: 'Made', cell: ({ version, dataset }) => <time>{age(version?.createTime ?? dataset.createTime)}</time> },
                ]}
              />
              <More of={pages} shown={all.length} noun="datasets" />
            </>
          )
        }
      </Shown>
    </>
  );
}

function Met({ met, of }: { readonly met: number; readonly of: number }) {
  if (of === 0) return <State tone="idle" word="none" />;
  return met === of ? <State tone="good" word={`${of} met`} /> : <State tone="watch" word={`${of - met} of ${of} not met`} />;
}
