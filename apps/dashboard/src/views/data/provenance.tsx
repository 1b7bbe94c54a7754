import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { Source } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { dataCalls } from '../../calls/data.js';
import { useAnswer } from '../../client/answers.js';
import { bare } from '../../parts/meaning.js';
import { Shown } from '../../parts/states.js';
import { Facts } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { day, moment, numberOf, plural, shortDigest, span } from '../../text.js';

const MODES: Readonly<Record<string, string>> = { REPLACE: 'the new rows alone', APPEND: 'the rows before, and those that are new', BACKFILL: 'parts made anew, all others as they were' };

/** Where rows come from, in words. */
function sourceWords({ path, postgres, kafka, push, rollup, newFilesOnly }: Source): string {
  if (postgres) return `${postgres.table || 'a query'} by ${postgres.connection}`;
  if (kafka) return `topic ${kafka.topic} by ${kafka.connection}`;
  if (push) return 'rows that were pushed';
  if (rollup) return `a rollup of ${rollup.datasetVersion}`;
  return `${path}${newFilesOnly ? ', new files only' : ''}`;
}

/** How a version came: what was read, by which run and contract, and what it was added to. */
export function Provenance({ version }: { readonly version: DatasetVersion }) {
  const run = useAnswer(dataCalls.ingestionRun(version.ingestionRun));
  return (
    <Shown answer={run} what="the ingestion run">
      {({ source, contract, mode, status, name }) => {
        const filter = source?.timeFilter;
        const took = status?.startTime && status.endTime ? (status.endTime.getTime() - status.startTime.getTime()) / 1_000 : undefined;
        return (
          <Facts
            facts={[
              ['Source', <span key="source" className="path">{source ? sourceWords(source) : '–'}</span>],
              ['Rows of', filter ? `${filter.column} from ${filter.from ? day(filter.from) : 'ever'} to before ${filter.to ? day(filter.to) : 'ever'}` : 'all times'],
              ['Holds', MODES[bare(mode).replace('MODE_', '')] ?? '–'],
              ['Added to', version.parent === '' ? 'nothing: it is the first' : <Resource key="parent" name={version.parent} as={`version ${numberOf(version.parent)}`} />],
              ['Contract', `${plural(contract?.columns.length ?? 0, 'column')}, ${plural(contract?.expectations.length ?? 0, 'expectation')}`],
              ['Ingestion run', <code key="run" title={name}>{numberOf(name).slice(-12)}</code>],
              ['Ended', `${moment(status?.endTime)}${took === undefined ? '' : `, after ${span(took)}`}`],
              ['Digest', <code key="digest" title={version.digest}>{shortDigest(version.digest)}</code>],
              ['Kept as', `${plural(version.objects.length, 'Parquet object')}${version.partitions.length === 0 ? '' : `, ${plural(version.partitions.length, 'part')} by time`}`],
            ]}
          />
        );
      }}
    </Shown>
  );
}
