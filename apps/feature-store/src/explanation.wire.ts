import { type ExplainedFeature as ExplainedMessage, ExplainedFeature_Status, type SourceRow as RowMessage } from '@millrace/contracts/millrace/features/v1/explanation';
import type { Row } from '@millrace/contracts/millrace/type/v1/value';
import { toValueMessage } from '@millrace/service';
import { toDate } from './definition.wire.js';
import type { ExplainedFeature, SourceRow } from './explanation.js';
import { featureViewName } from './feature-view.js';
import { parseCells } from './features.wire.js';
import type { AskedKey } from './offline/key-history.js';
import type { FeatureStatus } from './online/view-answers.js';

const STATUSES: Record<FeatureStatus, ExplainedFeature_Status> = { PRESENT: ExplainedFeature_Status.PRESENT, NOT_FOUND: ExplainedFeature_Status.NOT_FOUND, EXPIRED: ExplainedFeature_Status.EXPIRED };

/** A key as it is asked about; without a time, now. */
export const parseAsked = (keys: Row | undefined, time: Date | undefined): AskedKey => ({ keys: parseCells(keys), time: (time?.getTime() ?? Date.now()) * 1000 });

export const toExplained = ({ feature, value, status, view, datasetVersion, window, rows, pushed, incomplete, newestEvent, through, reads }: ExplainedFeature): ExplainedMessage => ({
  feature,
  value: toValueMessage(value),
  status: STATUSES[status],
  featureView: featureViewName.format({ view }),
  datasetVersion,
  knownFrom: toDate(window?.from),
  knownTo: toDate(window?.to),
  rows,
  newestEventTime: toDate(newestEvent),
  historyThrough: toDate(through),
  reads: [...reads],
  pushedRows: pushed,
  incomplete,
});

export const toSourceRow = ({ place, push, event, known, value, cells }: SourceRow): RowMessage => ({
  row: place,
  push,
  eventTime: toDate(event),
  knownTime: toDate(known),
  value: toValueMessage(value),
  cells: { values: Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, toValueMessage(cell)])) },
});
