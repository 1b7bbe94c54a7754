import { Dataset, DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count, shortDigest } from '../text/figures.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';

/** Datasets by name. */
export async function listDatasets(session: Session): Promise<void> {
  const ingestion = await session.connect(IngestionServiceDefinition);
  const { rows } = await readPages(ALL, async (part) => {
    const { datasets, nextPageToken } = await ingestion.listDatasets(part, session.call);
    return { rows: datasets, nextPageToken };
  });
  session.answer(
    () => ({ datasets: rows.map((dataset) => Dataset.toJSON(dataset)) }),
    () =>
      rows.length === 0
        ? 'There is no dataset yet; `millrace dataset ingest NAME PATH` reads one, and so does a run of a pipeline.\n'
        : session.table(
            [{ title: 'DATASET' }, { title: 'LATEST', align: 'right' }, { title: 'SINCE (UTC)' }, { title: 'DESCRIPTION', shrink: true }],
            rows.map(({ name, latestVersion, createTime, description }) => [shortName(name), lastPart(latestVersion), showTime(createTime), description]),
          ),
  );
}

/** Versions of one dataset, newest first. */
export async function listVersions(session: Session, name: string, { limit: text }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(text);
  const ingestion = await session.connect(IngestionServiceDefinition);
  const { rows, more } = await readPages(limit, async (part) => {
    const { datasetVersions, nextPageToken } = await ingestion.listDatasetVersions({ parent: fullName('datasets', name), ...part }, session.call);
    return { rows: datasetVersions, nextPageToken };
  });
  session.answer(
    () => ({ datasetVersions: rows.map((version) => DatasetVersion.toJSON(version)) }),
    () =>
      rows.length === 0
        ? `${fullName('datasets', name)} has no version yet; \`millrace dataset ingest ${name} PATH\` makes one.\n`
        : session.table(
            [{ title: 'VERSION', align: 'right' }, { title: 'ROWS', align: 'right' }, { title: 'READ', align: 'right' }, { title: 'KEPT', align: 'right' }, { title: 'DUPLICATES', align: 'right' }, { title: 'QUARANTINED', align: 'right' }, { title: 'FROM (UTC)' }, { title: 'TO (UTC)' }, { title: 'DIGEST' }],
            rows.map(({ name: version, rows: all, counts, eventTimeMin, eventTimeMax, digest }) => [lastPart(version), count(all), count(counts?.read ?? 0n), count(counts?.kept ?? 0n), count(counts?.duplicates ?? 0n), count(counts?.quarantined ?? 0n), showTime(eventTimeMin), showTime(eventTimeMax), shortDigest(digest)]),
          ) + moreLine(more, limit),
  );
}
