import { defineErrors } from './errors.js';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;

const errors = defineErrors('millrace', {
  INVALID_PAGE_TOKEN: { code: 'INVALID_ARGUMENT', message: 'Page token "{token}" was not made by this List; start again without one.' },
  INVALID_PAGE_SIZE: { code: 'INVALID_ARGUMENT', message: 'page_size is {size}; give 0 for the default or a number up to 1000.' },
});

/** What a List needs to read one page: how many rows, and after which key (AIP-158). */
export interface PageRequest {
  readonly size: number;
  readonly after: string | undefined;
}

/** Reads `page_size` and `page_token`; throws INVALID_PAGE_TOKEN or INVALID_PAGE_SIZE. */
export function parsePage({ pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string }): PageRequest {
  if (pageSize < 0) throw errors.INVALID_PAGE_SIZE({ size: String(pageSize) });
  return { size: Math.min(pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE), after: pageToken === '' ? undefined : decode(pageToken) };
}

/**
 * Splits rows into a page and its token. Ask the store for `page.size + 1` rows: the surplus row says that there is more.
 * `key` gives the sort key of a row, which the next page starts after.
 */
export function toPage<T>(rows: readonly T[], page: PageRequest, key: (row: T) => string): { readonly rows: readonly T[]; readonly nextPageToken: string } {
  const shown = rows.slice(0, page.size);
  const last = shown.at(-1);
  return { rows: shown, nextPageToken: rows.length > page.size && last !== undefined ? encode(key(last)) : '' };
}

const MARK = 'p1:';

const encode = (key: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(MARK + key))).replaceAll('+', '-').replaceAll('/', '_');

function decode(token: string): string {
  try {
    const bytes = Uint8Array.from(atob(token.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.startsWith(MARK)) return text.slice(MARK.length);
  } catch (cause) {
    throw errors.INVALID_PAGE_TOKEN({ token }, { cause });
  }
  throw errors.INVALID_PAGE_TOKEN({ token });
}
