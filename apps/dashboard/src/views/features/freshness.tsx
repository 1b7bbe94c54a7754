import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { State } from '../../parts/states.js';
import { age, span } from '../../text.js';

/** How new the online values of a view are, as a state. */
export function Freshness({ view: { freshness, onDemand } }: { readonly view: FeatureView }) {
  if (onDemand) return <State tone="good" word="computed when asked for" />;
  if (!freshness?.materializeTime) return freshness?.pushedThrough ? <State tone="watch" word="pushed into, never filled" /> : <State tone="idle" word="not filled yet" />;
  return freshness.outdated ? <State tone="watch" word="means something else since it was filled" /> : <State tone="good" word={`filled ${age(freshness.materializeTime)}`} />;
}

/** Up to when a view knows, of what it was filled with and what was pushed since; undefined for nothing. */
function knownThrough({ freshness }: FeatureView): Date | undefined {
  const ends = [freshness?.knownBefore, freshness?.pushedThrough].flatMap((time) => (time ? [time.getTime()] : []));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
}

/** How old the newest that a view knows is, against how long its values are usable. */
export function Reach({ view }: { readonly view: FeatureView }) {
  const through = knownThrough(view);
  if (view.onDemand) return 'as new as what it reads';
  if (!through) return 'nothing yet';
  const old = Math.max(0, (Date.now() - through.getTime()) / 1_000);
  const ttl = view.ttl ? Number(view.ttl.seconds) : undefined;
  return (
    <>
      {through.toISOString().slice(0, 16).replace('T', ' ')}
      <small className="below">
        {span(old)} old now; {ttl === undefined ? 'usable for ever' : `usable for ${span(ttl)}${old > ttl ? ', so that a question about now finds nothing' : ''}`}
      </small>
    </>
  );
}
