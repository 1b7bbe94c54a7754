import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { FeatureView, type Freshness } from '@millrace/contracts/millrace/features/v1/feature_view';
import { fullName, shortName, shortVersion } from '../calls/names.js';
import { readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import type { TableCell } from '../text/table.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';

/** What feature views are looked for by. */
export interface FeatureListOptions {
  readonly owner?: string;
  readonly tag?: string;
  readonly entity?: string;
  readonly text?: string;
  readonly limit: string;
}

/** Feature views by name, with how new their online values are. */
export async function listFeatures(session: Session, { owner, tag, entity, text, limit: most }: FeatureListOptions): Promise<void> {
  const limit = limitOption(most);
  const features = await session.connect(FeatureStoreServiceDefinition);
  const terms = Object.entries({ owner, tag, entity: entity && fullName('entities', entity), text }).flatMap(([field, value]) => (value === undefined ? [] : [`${field}="${value}"`]));
  const { rows, more } = await readPages(limit, async (part) => {
    const { featureViews, nextPageToken } = await features.listFeatureViews({ ...part, filter: terms.join(' AND ') }, session.call);
    return { rows: featureViews, nextPageToken };
  });
  session.answer(
    () => ({ featureViews: rows.map((view) => FeatureView.toJSON(view)) }),
    () =>
      rows.length === 0
        ? `There is no feature view${terms.length === 0 ? ' yet; \`millrace apply FILE\` makes those of a pipeline file' : ' of this kind'}.\n`
        : session.table(
            [{ title: 'VIEW' }, { title: 'VERSION', align: 'right' }, { title: 'ENTITY' }, { title: 'SOURCE' }, { title: 'FEATURES', align: 'right' }, { title: 'OWNER' }, { title: 'TAGS', shrink: true }, { title: 'FILLED FROM' }, { title: 'FILLED (UTC)' }, { title: 'PUSHED THROUGH (UTC)' }, { title: 'DESCRIPTION', shrink: true }],
            rows.map(({ name, version, entity: of, dataset, features: list, owner: who, tags, freshness, description, onDemand }) => [shortName(name), String(version), shortName(of), onDemand ? 'on demand' : shortName(dataset), String(list.length), who, tagsText(tags), filledFrom(freshness), showTime(freshness?.materializeTime), showTime(freshness?.pushedThrough), description]),
          ) + moreLine(more, limit),
  );
}

/** A filling that the view no longer means has no values. */
const filledFrom = (freshness: Freshness | undefined): TableCell => (freshness?.outdated ? { text: 'nothing: outdated', style: 'warn' } : shortVersion(freshness?.datasetVersion ?? ''));

/** Tags in a line, as a filter takes each of them. */
export const tagsText = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([key, value]) => (value === '' ? key : `${key}:${value}`))
    .sort()
    .join(', ');
