import type { Pages } from '../client/pages.js';

/** Shows one page more of a list, or that these are all. */
export function More<T extends { readonly nextPageToken: string }>({ of: { more }, shown, noun }: { readonly of: Pages<T>; readonly shown: number; readonly noun: string }) {
  if (!more) return undefined;
  return (
    <p className="more">
      <button type="button" onClick={more}>
        Show more {noun}
      </button>{' '}
      <small>{shown} are shown</small>
    </p>
  );
}
