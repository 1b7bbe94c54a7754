import { DatasetComparison, type ColumnShift, SchemaChange_Kind } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { count, figure, percent } from '../text/figures.js';
import type { TableCell } from '../text/table.js';
import { showMicros } from '../text/times.js';
import { word } from '../text/state-word.js';
import { versionOf } from './dataset-set-aside.js';
import { distinctText } from './profile-text.js';

/** From where on a person should look, and from where on it is another distribution (Siddiqi 2006). */
const [NOTABLE, MOVED] = [0.1, 0.25];
const MEDIAN = 0.5;
const KINDS: Readonly<Record<SchemaChange_Kind, string>> = {
  [SchemaChange_Kind.UNSPECIFIED]: '',
  [SchemaChange_Kind.ADDED]: 'added',
  [SchemaChange_Kind.REMOVED]: 'removed',
  [SchemaChange_Kind.TYPE_CHANGED]: 'another type',
  [SchemaChange_Kind.NULLABLE_CHANGED]: 'may be missing, or no longer',
};

/** What moved from one version of a dataset to another. */
export async function diffVersions(session: Session, name: string, base: string, other: string): Promise<void> {
  const ingestion = await session.connect(IngestionServiceDefinition);
  const [from, to] = [base, other].map((version) => versionOf(name, version.replace(/^v(?=\d)/, '')));
  const comparison = await ingestion.compareDatasetVersions({ name: from ?? '', other: to ?? '' }, session.call);
  session.answer(() => DatasetComparison.toJSON(comparison), () => comparisonText(session, comparison));
}

/** A comparison for people. */
export function comparisonText(session: Session, { base, other, sameContent, baseRows, otherRows, schemaChanges, columns }: DatasetComparison): string {
  const more = otherRows - baseRows;
  const rows = `${count(baseRows)} rows, then ${count(otherRows)} (${more < 0n ? '' : '+'}${count(more)})`;
  const head = `Dataset ${session.styled('bold', shortVersion(base))} → ${session.styled('bold', shortVersion(other))}: ${sameContent ? 'the same content' : rows}\n`;
  const schema = schemaChanges.length === 0 ? '' : `\n${session.table([{ title: 'COLUMN' }, { title: 'CHANGE' }, { title: 'WAS' }, { title: 'IS' }], schemaChanges.map(({ column, kind, was, is }) => [column, KINDS[kind], was, is]))}`;
  const shifts = columns.length === 0 ? '' : `\n${session.table([{ title: 'COLUMN' }, { title: 'TYPE' }, { title: 'PSI', align: 'right' }, { title: 'JS', align: 'right' }, { title: 'MISSING', align: 'right' }, { title: 'DISTINCT', align: 'right' }, { title: 'MEAN', align: 'right' }, { title: 'MEDIAN', align: 'right' }, { title: 'LARGEST QUANTILE SHIFT' }], columns.map(shiftCells))}`;
  return `${head}${schema}${shifts}`;
}

function shiftCells({ column, type, psi, js, baseMissingShare, otherMissingShare, baseDistinct, otherDistinct, baseDistinctKind, otherDistinctKind, quantiles, baseMean, otherMean }: ColumnShift): readonly TableCell[] {
  const isTime = type === ColumnType.TIMESTAMP;
  const show = (value: number | undefined): string => (isTime ? showMicros(value) : figure(value));
  const both = (was: string, is: string): string => (was === is ? was : `${was} → ${is}`);
  const median = quantiles.find(({ share }) => share === MEDIAN);
  const [furthest] = quantiles.filter(({ shift, share }) => shift !== undefined && share > 0 && share < 1).sort((a, b) => Math.abs(b.shift ?? 0) - Math.abs(a.shift ?? 0));
  return [
    column,
    word(type),
    psi === undefined ? '' : { text: psi.toFixed(3), style: psi >= MOVED ? 'bad' : psi >= NOTABLE ? 'warn' : 'good' },
    js === undefined ? '' : js.toFixed(3),
    baseMissingShare + otherMissingShare === 0 ? '' : both(percent(baseMissingShare), percent(otherMissingShare)),
    both(distinctText({ distinct: baseDistinct, distinctKind: baseDistinctKind }), distinctText({ distinct: otherDistinct, distinctKind: otherDistinctKind })),
    isTime || baseMean === undefined ? '' : both(figure(baseMean), figure(otherMean)),
    median ? both(show(median.was), show(median.is)) : '',
    furthest?.shift === undefined || furthest.shift === 0 ? '' : `${Number((furthest.share * 100).toFixed(1))} %: ${show(furthest.was)} → ${show(furthest.is)}, ${Math.abs(furthest.shift).toFixed(2)} of the quartile distance`,
  ];
}
