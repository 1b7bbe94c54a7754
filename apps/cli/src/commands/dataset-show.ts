import { ColumnProfile, DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { errors } from '../errors.js';
import { lastPart, shortName, shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { bytes, count, plural } from '../text/figures.js';
import { showTime } from '../text/times.js';
import { versionOf } from './dataset-set-aside.js';
import { columnText } from './column-text.js';
import { correlationsText, countsText, expectationsText, profileText } from './profile-text.js';

/** One version of a dataset: schema, counts, profile and expectations. */
export async function showDataset(session: Session, name: string, { version, column }: { readonly version?: string; readonly column?: string }): Promise<void> {
  const ingestion = await session.connect(IngestionServiceDefinition);
  const found = await ingestion.getDatasetVersion({ name: versionOf(name, version) }, session.call);
  if (column === undefined) return session.answer(() => DatasetVersion.toJSON(found), () => versionText(session, found));
  const profile = found.profile.find((one) => one.column === column);
  if (!profile) throw errors.WRONG_USE({ why: `${shortVersion(found.name)} has no column "${column}"; it has ${found.profile.map((one) => one.column).join(', ')}.` });
  session.answer(() => ColumnProfile.toJSON(profile), () => columnText(session, profile, found));
}

/** A version for people. */
export function versionText(session: Session, version: DatasetVersion): string {
  const { rows, objects, counts, eventTimeColumn, eventTimeMin, eventTimeMax, digest, parent, ingestionRun, createTime, profile, expectations, schema, quarantine, ledger, duplicates, rollup, correlations } = version;
  const size = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n);
  const facts: readonly (readonly [string, string])[] = [
    ['rows', `${count(rows)} in ${plural(objects.length, 'Parquet object')} of ${bytes(size)}`],
    ['parts', partsText(version)],
    ['this run', counts ? countsText(counts) : ''],
    ['time', eventTimeMin ? `${showTime(eventTimeMin)} to ${showTime(eventTimeMax)} UTC, by ${eventTimeColumn}` : ''],
    ['made', `${showTime(createTime)} UTC by ${ingestionRun}${parent === '' ? '' : `, after version ${lastPart(parent)}`}`],
    ['digest', digest],
    ['rolled up', rollup ? `from ${shortVersion(rollup.datasetVersion)}: ${rollup.objectsRead === rollup.objects ? `${plural(rollup.objects, 'object')} read` : `${rollup.objectsRead} of ${plural(rollup.objects, 'object')} read, the others merged from partials`}${rollup.rowsWithoutTime === 0n ? '' : `; ${plural(rollup.rowsWithoutTime, 'row')} without a time left out`}` : ''],
    ['duplicates', duplicates ? `${plural(duplicates.rows, 'row with the one that stays', 'rows with the ones that stay')}: millrace dataset duplicates ${shortName(version.name)}` : ''],
    ['quarantine', quarantine ? `${plural(quarantine.rows, 'row with its reason', 'rows with their reasons')}: millrace dataset quarantine ${shortName(version.name)}` : ''],
    ['ledger', ledger ? `${plural(ledger.rows, 'cell that was changed or unreadable', 'cells that were changed or unreadable')}: millrace dataset ledger ${shortName(version.name)}` : ''],
  ];
  const about = profile.length > 0 ? profileText(session, profile, rows) : session.table([{ title: 'COLUMN' }, { title: 'TYPE' }, { title: 'NULLABLE' }], (schema?.columns ?? []).map(({ name, type, nullable }) => [name, type.replace('COLUMN_TYPE_', ''), nullable ? 'yes' : 'no']));
  return [
    `Dataset ${session.styled('bold', shortVersion(version.name))}\n`,
    ...facts.filter(([, fact]) => fact !== '').map(([title, fact]) => `  ${title.padEnd(11)} ${fact}\n`),
    '\n',
    about,
    spaced(correlationsText(session, correlations)),
    expectations.length > 0 ? `\n${expectationsText(session, expectations)}` : '',
  ].join('');
}

/** How many, from when to when, and those that this version made anew. */
function partsText({ partitions, name }: DatasetVersion): string {
  const [first, last] = [partitions[0], partitions.at(-1)];
  if (first === undefined || last === undefined) return '';
  const made = partitions.filter(({ since }) => since === name).map(({ key }) => key);
  const told = made.length === partitions.length ? 'all' : made.length <= MAX_TOLD ? made.join(', ') : `${made.length}, ${made[0]} to ${made.at(-1)}`;
  return `${count(partitions.length)} by ${first.key.length > MONTH_LENGTH ? 'day' : 'month'}, ${first.key} to ${last.key}; made by this version: ${told === '' ? 'none' : told}`;
}

const MONTH_LENGTH = '2001-01'.length;
const MAX_TOLD = 5;

const spaced = (text: string): string => (text === '' ? '' : `\n${text}`);
