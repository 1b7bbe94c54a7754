import type { Duration } from '@millrace/contracts/google/protobuf/duration';
import { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { fullName, shortName, shortVersion } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { word } from '../text/state-word.js';
import { showTime } from '../text/times.js';
import { oneLine } from '../text/width.js';
import { tagsText } from './feature-list.js';

/** One feature view: what it is made of, who uses it, and how new its online values are. */
export async function showFeature(session: Session, name: string): Promise<void> {
  const features = await session.connect(FeatureStoreServiceDefinition);
  const view = await features.getFeatureView({ name: fullName('featureViews', name) }, session.call);
  const { rows: services } = await readPages(ALL, async (part) => {
    const { featureServices, nextPageToken } = await features.listFeatureServices({ ...part, filter: `feature_view=${view.name}` }, session.call);
    return { rows: featureServices, nextPageToken };
  });
  session.answer(
    () => ({ featureView: FeatureView.toJSON(view), featureServices: services.map((service) => FeatureService.toJSON(service)) }),
    () => viewText(session, { view, services }),
  );
}

function viewText(session: Session, { view, services }: { readonly view: FeatureView; readonly services: readonly FeatureService[] }): string {
  const { name, description, version, entity, dataset, joinKeyColumns, eventTimeColumn, knowledgeTime, ttl, tile, features, derivedColumns, owner, tags, freshness } = view;
  const keys = Object.entries(joinKeyColumns).map(([key, column]) => (key === column ? key : `${key} in ${column}`));
  const delay = [showDuration(knowledgeTime?.delay), ...(knowledgeTime?.terms ?? []).map(({ column }) => column)].filter((part) => part !== '');
  const known = knowledgeTime?.column ? knowledgeTime.column : [eventTimeColumn, ...delay].join(' + ');
  const facts: readonly (readonly [string, string])[] = [
    ['version', String(version)],
    ['entity', `${shortName(entity)} by ${keys.join(', ')}`],
    ['source', shortName(dataset)],
    ['true at', eventTimeColumn],
    ['known at', known],
    ['lives', ttl ? showDuration(ttl) : 'for ever'],
    ['tile', showDuration(tile)],
    ['owner', owner],
    ['tags', tagsText(tags)],
    ['filled', freshness?.materializeTime ? `${showTime(freshness.materializeTime)} UTC from ${shortVersion(freshness.datasetVersion)}, with all that was known before ${showTime(freshness.knownBefore)}` : 'never; `millrace materialize` does it'],
    ['pushed', freshness?.pushedThrough ? `rows known up to ${showTime(freshness.pushedThrough)} UTC` : 'nothing yet'],
  ];
  const derived = new Map(derivedColumns.map(({ name: column, source, comparison, threshold }) => [column, `${source} ${SIGNS[word(comparison).replace('COMPARISON_', '')] ?? '?'} ${threshold}`]));
  return [
    `Feature view ${session.styled('bold', shortName(name))}${description === '' ? '' : `: ${oneLine(description)}`}\n`,
    ...facts.filter(([, fact]) => fact !== '').map(([title, fact]) => `  ${title.padEnd(9)} ${fact}\n`),
    '\n',
    session.table(
      [{ title: 'FEATURE' }, { title: 'AGGREGATION' }, { title: 'OF' }, { title: 'WINDOW', align: 'right' }],
      features.map(({ name: feature, aggregation, column, window }) => [feature, word(aggregation).replace('AGGREGATION_', '').toLowerCase(), derived.get(column) ?? column, showDuration(window)]),
    ),
    session.title('Used by'),
    services.length === 0 ? `${session.styled('dim', 'No feature service; it can be deleted.')}\n` : session.table([{ title: 'SERVICE' }, { title: 'ENDPOINTS' }], services.map(({ name: service, endpoints }) => [shortName(service), endpoints.map(shortName).join(', ')])),
  ].join('');
}

const SIGNS: Readonly<Record<string, string>> = { GREATER: '>', GREATER_OR_EQUAL: '≥', LESS: '<', LESS_OR_EQUAL: '≤', EQUAL: '=' };
const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const;

/** A duration in its largest whole unit; empty for none. */
function showDuration(duration: Duration | undefined): string {
  const seconds = Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
  if (seconds === 0) return '';
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}
