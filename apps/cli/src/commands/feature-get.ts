import { type ExplainedFeature, ExplainedFeature_Status } from '@millrace/contracts/millrace/features/v1/explanation';
import { ExplainFeaturesResponse, type FeatureVector, FeatureVector_Status, FeatureStoreServiceDefinition, GetOnlineFeaturesResponse, ListSourceRowsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { toCell } from '../calls/cell.js';
import { parseRow } from '../calls/json-rows.js';
import { fullName, shortName, shortVersion } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { count } from '../text/figures.js';
import { word } from '../text/state-word.js';
import type { TableCell } from '../text/table.js';
import { showTime, timeOption } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';
import { valueText } from './value-text.js';

/** Whose features are asked for, and as of when. */
export interface FeatureGetOptions {
  readonly row: string;
  readonly time?: string;
}

/** The features of one key as the online store has them. */
export async function getFeatures(session: Session, service: string, options: FeatureGetOptions): Promise<void> {
  const features = await session.connect(FeatureStoreServiceDefinition);
  const { keys, time } = askedOf(options);
  const answer = await features.getOnlineFeatures({ featureService: fullName('featureServices', service), keys: [keys], ...(time ? { time } : {}) }, session.call);
  session.answer(() => GetOnlineFeaturesResponse.toJSON(answer), () => vectorText(session, answer));
}

/** The features of one key as history has them, with how many rows each was made of; of one feature, the rows. */
export async function explainFeatures(session: Session, service: string, { feature, limit: most, ...options }: FeatureGetOptions & { readonly feature?: string; readonly limit: string }): Promise<void> {
  const limit = limitOption(most);
  const features = await session.connect(FeatureStoreServiceDefinition);
  // One moment for all pages.
  const { keys, time = new Date() } = askedOf(options);
  const asked = { featureService: fullName('featureServices', service), keys, time };
  if (feature === undefined) {
    const answer = await session.slowly('reading history', features.explainFeatures(asked, session.call));
    session.answer(() => ExplainFeaturesResponse.toJSON(answer), () => session.table([{ title: 'FEATURE' }, { title: 'VALUE', align: 'right' }, { title: 'ROWS', align: 'right' }, { title: 'OF THEM PUSHED', align: 'right' }, { title: 'KNOWN FROM (UTC)' }, { title: 'TO' }, { title: 'HISTORY' }, { title: 'READS', shrink: true }], answer.features.map(explainedCells)));
    return;
  }
  let last: ListSourceRowsResponse | undefined;
  const { rows, more } = await session.slowly('reading history', readPages(limit, async (part) => {
    last = await features.listSourceRows({ ...asked, feature, ...part }, session.call);
    return { rows: last.sourceRows, nextPageToken: last.nextPageToken };
  }));
  const columns = Object.keys(rows[0]?.cells?.values ?? {}).sort();
  session.answer(
    () => ({ ...(ListSourceRowsResponse.toJSON({ sourceRows: [...rows], nextPageToken: '', datasetVersion: last?.datasetVersion ?? '', totalSize: last?.totalSize ?? 0n }) as object) }),
    () =>
      rows.length === 0
        ? `No row that could be known then is of this key.\n`
        : `${count(last?.totalSize ?? 0n)} rows of ${shortVersion(last?.datasetVersion ?? '')} and of what was pushed since, those first that were known last\n\n` +
          session.table(
            [{ title: 'ROW', align: 'right' }, { title: 'OF' }, { title: 'TRUE AT (UTC)' }, { title: 'KNOWN AT (UTC)' }, { title: 'VALUE', align: 'right' }, ...columns.map((title) => ({ title }))],
            rows.map(({ row, push, eventTime, knownTime, value, cells }): readonly TableCell[] => [count(row), push === 0n ? shortVersion(last?.datasetVersion ?? '') : `push ${push}`, showTime(eventTime), showTime(knownTime), valueText(value), ...columns.map((column) => valueText(cells?.values[column]))]),
          ) +
          moreLine(more, limit),
  );
}

const askedOf = ({ row, time }: FeatureGetOptions) => ({
  keys: { values: Object.fromEntries(Object.entries(parseRow(row, '--row')).map(([column, cell]) => [column, toCell(cell, undefined, { place: '--row', column })])) },
  time: time === undefined ? undefined : timeOption(time, '--time'),
});

function vectorText(session: Session, { features, vectors }: GetOnlineFeaturesResponse): string {
  const [vector] = vectors;
  return session.table(
    [{ title: 'FEATURE' }, { title: 'VALUE', align: 'right' }, { title: 'IS' }, { title: 'NEWEST EVENT (UTC)' }],
    features.map((feature, i) => [feature, valueText(vector?.values[i]), statusCell(vector?.statuses[i]), showTime(eventTime(vector, i))]),
  );
}

const eventTime = (vector: FeatureVector | undefined, i: number): Date | undefined => vector?.eventTimes[(vector.eventTimePlaces[i] ?? 0) - 1];

const statusCell = (status: FeatureVector_Status | undefined): TableCell => (status === FeatureVector_Status.PRESENT ? 'present' : { text: word(status ?? FeatureVector_Status.NOT_FOUND).replace('STATUS_', '').toLowerCase().replaceAll('_', ' '), style: 'warn' });

function explainedCells({ feature, value, status, rows, pushedRows, knownFrom, knownTo, datasetVersion, featureView, reads, incomplete }: ExplainedFeature): readonly TableCell[] {
  const computed = datasetVersion === '';
  const shown = status === ExplainedFeature_Status.PRESENT ? valueText(value) : { text: word(status).replace('STATUS_', '').toLowerCase().replaceAll('_', ' '), style: 'warn' as const };
  return [feature, shown, computed ? '' : count(rows), pushedRows === 0n ? '' : count(pushedRows), showTime(knownFrom), showTime(knownTo), computed ? shortName(featureView) : `${shortVersion(datasetVersion)}${incomplete ? ', pushed rows are gone' : ''}`, reads.join(', ')];
}
