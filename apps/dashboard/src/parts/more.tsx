import { useEffect, useRef } from 'react';
import type { Pages } from '../client/pages.js';
import { Failure } from './states.js';

interface Parts<T extends { readonly nextPageToken: string }> {
  readonly of: Pages<T>;
  readonly shown: number;
  readonly noun: string;
}

/** Shows one page more of a list; the button stays while the page is on its way, and says at the end that these are all, so that a keyboard keeps its place. */
export function More<T extends { readonly nextPageToken: string }>({ of: { more, pages, waits, failure }, shown, noun }: Parts<T>) {
  const end = useRef<HTMLElement>(null);
  const goesOn = more !== undefined || waits || failure !== undefined;
  const ended = !goesOn && pages.length > 1;
  useEffect(() => {
    if (ended && document.activeElement === document.body) end.current?.focus();
  }, [ended]);
  if (!goesOn && !ended) return undefined;
  return (
    <div className="more">
      {failure ? <Failure failure={failure} /> : undefined}
      {goesOn ? (
        <button type="button" aria-disabled={more === undefined} onClick={more}>
          {waits ? 'Reading' : 'Show'} more {noun}
          {waits ? ' …' : ''}
        </button>
      ) : undefined}{' '}
      <small ref={end} tabIndex={-1} role="status">
        {goesOn ? `${shown} are shown` : `All ${shown} are shown`}
      </small>
    </div>
  );
}
