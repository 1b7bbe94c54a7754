/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What the page after is asked with; empty after the last. */
  readonly nextPageToken: string;
}

/** All that a list holds, item by item; a page is asked for when its first item is wanted. */
export interface Pages<T> extends AsyncIterable<T> {
  /** The same, page by page. */
  pages(): AsyncIterable<Page<T>>;
}

/** Reads pages by their tokens, from `first` on. */
export function pagesOf<T>(first: string, read: (pageToken: string) => Promise<Page<T>>): Pages<T> {
  async function* pages(): AsyncGenerator<Page<T>> {
    let token = first;
    do {
      const page = await read(token);
      yield page;
      token = page.nextPageToken;
    } while (token !== '');
  }
  async function* items(): AsyncGenerator<T> {
    for await (const { items: some } of pages()) yield* some;
  }
  return { pages, [Symbol.asyncIterator]: items };
}
