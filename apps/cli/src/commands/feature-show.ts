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
import { aggregationWord, showDuration, SIGNS, viewFacts } from './view-parts.js';

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
  const { name, description, version, features, derivedColumns, owner, tags, freshness, onDemand } = view;
  const fresh: readonly (readonly [string, string])[] = onDemand
    ? [['computed', 'when it is asked for; the views that it reads hold the values']]
    : [
        ['filled', freshness?.outdated ? `${showTime(freshness.materializeTime)} UTC, and the view has come to mean something else since: it has no values; \`millrace materialize ${shortName(name)}\` fills it again` : freshness?.materializeTime ? `${showTime(freshness.materializeTime)} UTC from ${shortVersion(freshness.datasetVersion)}, with all that was known before ${showTime(freshness.knownBefore)}` : 'never; `millrace materialize` does it'],
        ['pushed', freshness?.pushedThrough ? `rows known up to ${showTime(freshness.pushedThrough)} UTC` : 'nothing yet'],
      ];
  const facts = [['version', String(version)] as const, ...viewFacts(view), ['owner', owner] as const, ['tags', tagsText(tags)] as const, ...fresh];
  const derived = new Map(derivedColumns.map(({ name: column, source, comparison, threshold }) => [column, `${source} ${SIGNS[word(comparison).replace('COMPARISON_', '')] ?? '?'} ${threshold}`]));
  return [
    `Feature view ${session.styled('bold', shortName(name))}${description === '' ? '' : `: ${oneLine(description)}`}\n`,
    ...facts.filter(([, fact]) => fact !== '').map(([title, fact]) => `  ${title.padEnd(9)} ${fact}\n`),
    '\n',
    onDemand
      ? session.table([{ title: 'FEATURE' }, { title: 'TYPE' }, { title: 'FORMULA', shrink: true }], features.map((feature) => [feature.name, word(feature.type), feature.formula]))
      : session.table(
          [{ title: 'FEATURE' }, { title: 'AGGREGATION' }, { title: 'OF' }, { title: 'WINDOW', align: 'right' }],
          features.map((feature) => [feature.name, aggregationWord(feature), derived.get(feature.column) ?? feature.column, showDuration(feature.window)]),
        ),
    session.title('Used by'),
    services.length === 0 ? `${session.styled('dim', 'No feature service; it can be deleted unless a view on demand reads it.')}\n` : session.table([{ title: 'SERVICE' }, { title: 'ENDPOINTS' }], services.map(({ name: service, endpoints }) => [shortName(service), endpoints.map(shortName).join(', ')])),
    ...(version > 1 ? [session.styled('dim', `\nNext: millrace feature versions ${shortName(name)}\n`)] : []),
  ].join('');
}
