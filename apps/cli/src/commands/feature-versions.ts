import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { type FeatureView, FeatureViewVersion } from '@millrace/contracts/millrace/features/v1/feature_view';
import { fullName, lastPart, shortName } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import { errors } from '../errors.js';
import type { Session } from '../session.js';
import { showTime } from '../text/times.js';
import { limitOption, moreLine } from './limit.js';
import { viewParts } from './view-parts.js';

/** What a view was, newest first, each with what it changed of the one before. */
export async function listFeatureVersions(session: Session, name: string, { limit: most }: { readonly limit: string }): Promise<void> {
  const limit = limitOption(most);
  // One more, so that the oldest that is shown can say what it changed.
  const { rows, more } = await versionsOf(session, name, limit + 1);
  const shown = rows.slice(0, limit);
  session.answer(
    () => ({ featureViewVersions: shown.map((version, i) => ({ ...(FeatureViewVersion.toJSON(version) as object), changes: rows[i + 1] ? changesOf(rows[i + 1]?.featureView, version.featureView) : [] })) }),
    () =>
      session.table(
        [{ title: 'VERSION', align: 'right' }, { title: 'SINCE (UTC)' }, { title: 'CHANGED', shrink: true }],
        shown.map((version, i) => [lastPart(version.name), showTime(version.createTime), rows[i + 1] ? changesOf(rows[i + 1]?.featureView, version.featureView).map(changeWords).join('; ') : 'the first']),
      ) + moreLine(more || rows.length > limit, limit),
  );
}

/** What one version of a view has that another one has not. */
export async function diffFeatureVersions(session: Session, name: string, base: string, other: string): Promise<void> {
  const { rows } = await versionsOf(session, name, ALL);
  const [from, to] = [base, other].map((text) => {
    const number = text.replace(/^v(?=\d)/, '');
    const found = rows.find((version) => lastPart(version.name) === number);
    if (!found) throw errors.VERSION_UNKNOWN({ version: text, name: fullName('featureViews', name), versions: rows.map((version) => lastPart(version.name)).join(', ') });
    return found;
  });
  const changes = changesOf(from?.featureView, to?.featureView);
  session.answer(
    () => ({ base: from?.name, other: to?.name, changes }),
    () =>
      `Feature view ${session.styled('bold', shortName(fullName('featureViews', name)))}, version ${lastPart(from?.name ?? '')} → ${lastPart(to?.name ?? '')}: ${changes.length === 0 ? 'the same' : `${changes.length} ${changes.length === 1 ? 'part' : 'parts'} changed`}\n` +
      (changes.length === 0 ? '' : `\n${session.table([{ title: 'PART' }, { title: 'WAS', shrink: true }, { title: 'IS', shrink: true }], changes.map(({ part, was, is }) => [part, was, is]))}`),
  );
}

async function versionsOf(session: Session, name: string, limit: number): Promise<{ readonly rows: readonly FeatureViewVersion[]; readonly more: boolean }> {
  const features = await session.connect(FeatureStoreServiceDefinition);
  return readPages(limit, async (part) => {
    const { featureViewVersions, nextPageToken } = await features.listFeatureViewVersions({ ...part, parent: fullName('featureViews', name) }, session.call);
    return { rows: featureViewVersions, nextPageToken };
  });
}

/** A part of a view that is another one, or is there in one version only. */
interface PartChange {
  readonly part: string;
  readonly was: string;
  readonly is: string;
}

function changesOf(before: FeatureView | undefined, after: FeatureView | undefined): readonly PartChange[] {
  const [old, next] = [before, after].map((view) => new Map(view ? viewParts(view) : []));
  return [...new Set([...(old?.keys() ?? []), ...(next?.keys() ?? [])])].flatMap((part) => {
    const [was, is] = [old?.get(part) ?? '', next?.get(part) ?? ''];
    return was === is ? [] : [{ part, was, is }];
  });
}

const changeWords = ({ part, was, is }: PartChange): string => (was === '' ? `${part} is new: ${is}` : is === '' ? `${part} is gone` : `${part}: ${was} → ${is}`);
