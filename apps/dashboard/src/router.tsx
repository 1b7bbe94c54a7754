import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';
import { placeOf, spoken } from './names.js';

const MOVED = 'millrace:moved';

/** Goes to a place of the page without loading it anew; reading begins at its top. */
export function go(path: string): void {
  if (path === location.pathname) return;
  history.pushState(undefined, '', path);
  dispatchEvent(new Event(MOVED));
  scrollTo(0, 0);
  document.getElementById('view')?.focus({ preventScroll: true });
}

function subscribe(listener: () => void): () => void {
  for (const event of ['popstate', MOVED]) addEventListener(event, listener);
  return () => ['popstate', MOVED].forEach((event) => removeEventListener(event, listener));
}

/** The place that is shown, as the parts of its path. */
export function usePlace(): readonly string[] {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return path.split('/').filter((part) => part !== '');
}

/** A link within the page; with a modifier key it does what links do. */
export function Link({ href = '/', ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}

/** A resource with the way to it, where it has a view. */
export function Resource({ name, as }: { readonly name: string; readonly as?: string }) {
  const place = placeOf(name);
  const text = as ?? spoken(name);
  return place === undefined ? <span title={name}>{text}</span> : <Link href={place} title={name}>{text}</Link>;
}
