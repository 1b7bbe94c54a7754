import { canonicalJson } from './canonical-json.js';
import { defineErrors } from './errors.js';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;

const errors = defineErrors('millrace', {
  INVALID_PAGE_TOKEN: { code: 'INVALID_ARGUMENT', message: 'Page token "{token}" was not made by this List for these fields; start again without one.' },
  INVALID_PAGE_SIZE: { code: 'INVALID_ARGUMENT', message: 'page_size is {size}; give 0 for the default or a number up to 1000.' },
});

/** What a List needs to read one page: how many rows, and after which key (AIP-158). */
export interface PageRequest {
  readonly size: number;
  readonly after: string | undefined;
  /** Which List is asked, and for what beside the page: a token of another does not fit. Undefined where no caller turns pages. */
  readonly scope?: string;
}

/**
 * Reads `page_size` and `page_token` of the request of one List; a token goes with the parent and the filter that it was given for.
 * Throws INVALID_PAGE_TOKEN or INVALID_PAGE_SIZE.
 */
export function parsePage({ pageSize, pageToken, ...asked }: { readonly pageSize: number; readonly pageToken: string }, list: string): PageRequest {
  if (pageSize < 0) throw errors.INVALID_PAGE_SIZE({ size: String(pageSize) });
  const scope = canonicalJson([list, asked]);
  return { size: Math.min(pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE), after: pageToken === '' ? undefined : decode(pageToken, scope), scope };
}

/**
 * Splits rows into a page and its token. Ask the store for `page.size + 1` rows: the surplus row says that there is more.
 * `key` gives the sort key of a row, which the next page starts after.
 */
export function toPage<T>(rows: readonly T[], page: PageRequest, key: (row: T) => string): { readonly rows: readonly T[]; readonly nextPageToken: string } {
  const shown = rows.slice(0, page.size);
  const last = shown.at(-1);
  return { rows: shown, nextPageToken: rows.length > page.size && last !== undefined ? encode(key(last), page.scope ?? '') : '' };
}

const MARK = 'p2:';

const encode = (key: string, scope: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(`${MARK}${key}\n${scope}`))).replaceAll('+', '-').replaceAll('/', '_');

function decode(token: string, scope: string): string {
  try {
    const bytes = Uint8Array.from(atob(token.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // JSON of one line holds no line break, so the last one parts the two.
    const end = text.lastIndexOf('\n');
    if (text.startsWith(MARK) && text.slice(end + 1) === scope) return text.slice(MARK.length, end);
  } catch (cause) {
    throw errors.INVALID_PAGE_TOKEN({ token }, { cause });
  }
  throw errors.INVALID_PAGE_TOKEN({ token });
}
