import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { featureCalls } from '../../calls/features.js';
import { usePages } from '../../client/pages.js';
import { bare } from '../../parts/meaning.js';
import { More } from '../../parts/more.js';
import { Shown } from '../../parts/states.js';
import { Table } from '../../parts/table.js';
import { age, moment, numberOf, span } from '../../text.js';
import { fullyOf, knownOf } from './words.js';

/** A part of a view that is another one than before, or is there in one version only. */
interface PartChange {
  readonly part: string;
  readonly was: string;
  readonly is: string;
}

/** What the values of a view follow from, part by part, in words: equal parts have equal words. */
function partsOf(view: FeatureView): ReadonlyMap<string, string> {
  const { entity, dataset, joinKeyColumns, eventTimeColumn, ttl, tile, features, onDemand } = view;
  return new Map([
    ['entity', numberOf(entity)],
    ['dataset', numberOf(dataset)],
    ['join keys', Object.entries(joinKeyColumns).map(([key, column]) => `${key} from ${column}`).join(', ')],
    ['true at', eventTimeColumn],
    ['known at', eventTimeColumn === '' ? '' : knownOf(view)],
    ['greatest age', ttl ? span(Number(ttl.seconds)) : 'for ever'],
    ['tile', tile ? span(Number(tile.seconds)) : '1 h'],
    ['asks for', (onDemand?.requestColumns ?? []).map(({ name, type }) => `${name} (${bare(type).toLowerCase()})`).join(', ')],
    ['reads', (onDemand?.features ?? []).map(({ featureView, features: named, prefix }) => `${prefix}${named.join(', ') || 'all'} of ${numberOf(featureView)}`).join('; ')],
    ...features.map((feature) => [`feature ${feature.name}`, fullyOf(view, feature)] as const),
  ]);
}

function changesOf(before: FeatureView, after: FeatureView): readonly PartChange[] {
  const [old, next] = [partsOf(before), partsOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((part) => {
    const [was, is] = [old.get(part) ?? '', next.get(part) ?? ''];
    return was === is ? [] : [{ part, was, is }];
  });
}

/** What a view was, newest first, each with what it changed of the version before. */
export function Versions({ view }: { readonly view: string }) {
  const pages = usePages(featureCalls.viewVersions(view));
  const versions = pages.pages.flatMap(({ featureViewVersions }) => featureViewVersions);
  return (
    <Shown answer={pages.first} what="versions">
      {() => (
        <>
          <Table
            title="Versions of the view, newest first"
            hidden
            rows={versions.map((version, i) => ({ version, before: versions[i + 1] }))}
            keyOf={({ version }) => version.name}
            columns={[
              { head: 'Version', cell: ({ version }) => numberOf(version.name) },
              { head: 'Since', cell: ({ version }) => <>{moment(version.createTime)}<small className="below">{age(version.createTime)}</small></> },
              { head: 'What it changed', cell: ({ version, before }) => <Changes of={version.featureView} before={before?.featureView} first={numberOf(version.name) === '1'} /> },
            ]}
          />
          <More of={pages} shown={versions.length} noun="versions" />
        </>
      )}
    </Shown>
  );
}

function Changes({ of, before, first }: { readonly of: FeatureView | undefined; readonly before: FeatureView | undefined; readonly first: boolean }) {
  if (first) return 'the first';
  if (!of || !before) return 'the version before is on the next page';
  return (
    <ul className="changes">
      {changesOf(before, of).map(({ part, was, is }) => (
        <li key={part}>
          <b>{part}</b> {was === '' ? <>is new: {is}</> : is === '' ? <>is gone: <s>{was}</s></> : <><s>{was}</s> → {is}</>}
        </li>
      ))}
    </ul>
  );
}
