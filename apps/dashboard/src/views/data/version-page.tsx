import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { dataCalls } from '../../calls/data.js';
import { useAnswer } from '../../client/answers.js';
import { usePages } from '../../client/pages.js';
import { More } from '../../parts/more.js';
import { Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { Link } from '../../router.js';
import { age, count, day, numberOf } from '../../text.js';
import { Expectations } from './expectations.js';
import { Provenance } from './provenance.js';
import { Profile } from './profile.js';
import { RowFlow } from './row-flow.js';
import { Uses } from './uses.js';
import { nameOf, placeIn, VersionHead, type VersionPlace } from './version-head.js';

/** One version of a dataset: where every row went, what was expected, what its columns hold, how it came, and who used it. */
export function VersionPage(place: VersionPlace) {
  const shown = useAnswer(dataCalls.datasetVersion(nameOf(place)));
  return (
    <>
      <VersionHead place={place} part="" />
      <Shown answer={shown} what="the version">
        {(version) => (
          <>
            <p className="lead">
              Version {numberOf(version.name)} holds {count(version.rows)} rows of {count(version.schema?.columns.length ?? 0)} columns
              {version.eventTimeMin ? `, from ${day(version.eventTimeMin)} to ${day(version.eventTimeMax)}` : ''}. It was made {age(version.createTime)}.
            </p>
            <RowFlow version={version} />
            <Expectations version={version} />
            <h2>What its columns hold</h2>
            <Profile version={version} />
            <h2>How it came</h2>
            <Provenance version={version} />
            <h2>Who used it</h2>
            <Uses version={version.name} />
          </>
        )}
      </Shown>
      <Versions dataset={place.dataset} shown={shown.value} />
    </>
  );
}

function Versions({ dataset, shown }: { readonly dataset: string; readonly shown: DatasetVersion | undefined }) {
  const pages = usePages(dataCalls.versionPages(dataset));
  const all = pages.pages.flatMap(({ datasetVersions }) => datasetVersions);
  if (all.length === 0) return undefined;
  return (
    <>
      <h2>Versions</h2>
      <Table
        title="Versions, newest first"
        hidden
        rows={all}
        keyOf={({ name }) => name}
        columns={[
          { head: 'Version', cell: ({ name }) => <Link href={`/data/${name.slice('datasets/'.length)}`} aria-current={name === shown?.name ? 'true' : undefined}>{numberOf(name)}</Link> },
          { head: 'Rows', figures: true, cell: ({ rows }) => count(rows) },
          { head: 'Read', figures: true, cell: ({ counts }) => count(counts?.read ?? 0n) },
          { head: 'Duplicates', figures: true, cell: ({ counts }) => count(counts?.duplicates ?? 0n) },
          { head: 'Quarantined', figures: true, cell: ({ counts }) => count(counts?.quarantined ?? 0n) },
          { head: 'Reaches to', cell: ({ eventTimeMax }) => day(eventTimeMax) },
          { head: 'Made', cell: ({ createTime }) => <time>{age(createTime)}</time> },
          { head: 'What moved', cell: ({ name, parent }) => (parent === '' ? 'the first' : <Link href={placeIn({ dataset, version: numberOf(name) }, `compare/${numberOf(parent)}`)}>since {numberOf(parent)}</Link>) },
        ]}
      />
      <More of={pages} shown={all.length} noun="versions" />
    </>
  );
}
