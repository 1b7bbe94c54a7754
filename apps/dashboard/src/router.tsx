import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

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

/** Where a resource is shown, by its name; undefined for what has no view. */
export function placeOf(name: string): string | undefined {
  const [kind, id, ...rest] = name.split('/');
  if (id === undefined || id === '') return undefined;
  const below = rest.length === 0 ? '' : `/${rest.join('/')}`;
  if (kind === 'datasets') return `/data/${id}${below}`;
  if (kind === 'models') return `/models/${id}${below}`;
  if (kind === 'pipelines') return `/pipelines/${id}`;
  if (kind === 'pipelineRuns') return `/runs/${id}`;
  if (kind === 'monitors') return `/monitoring/${id}`;
  return undefined;
}

/** A resource as a person says it: `late-flights 2` for `models/late-flights/versions/2`, and the end of an id that nobody can read. */
export function spoken(name: string): string {
  const [, id = name, , version] = name.split('/');
  const short = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? id.slice(-6) : id;
  return version === undefined ? short : `${short} ${version}`;
}

/** A resource with the way to it, where it has a view. */
export function Resource({ name, as }: { readonly name: string; readonly as?: string }) {
  const place = placeOf(name);
  const text = as ?? spoken(name);
  return place === undefined ? <span title={name}>{text}</span> : <Link href={place} title={name}>{text}</Link>;
}
