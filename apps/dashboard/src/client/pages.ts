import { useState } from 'react';
import { type Answer, useAnswer, useAnswers } from './answers.js';
import type { Call } from './rest.js';

/** A page of a list: it says where the next begins, or nothing at the end. */
interface Page {
  readonly nextPageToken: string;
}

/** The pages of a list that are shown so far, oldest question first. */
export interface Pages<T extends Page> {
  readonly first: Answer<T>;
  readonly pages: readonly T[];
  /** Shows one page more; undefined where there is none. */
  readonly more: (() => void) | undefined;
}

/** A list, page by page: the first at once, another for each `more`. The call says what is asked for a page token; the first has none. */
export function usePages<T extends Page>(callOf: (token: string) => Call<T>): Pages<T> {
  const key = callOf('').path;
  const [asked, ask] = useState<{ readonly key: string; readonly tokens: readonly string[] }>({ key, tokens: [] });
  const tokens = asked.key === key ? asked.tokens : [];
  const first = useAnswer(callOf(''));
  const rest = useAnswers(tokens.map(callOf));
  const pages = [first.value, ...rest].flatMap((page) => (page === undefined ? [] : [page]));
  const next = pages.length === tokens.length + 1 ? (pages.at(-1)?.nextPageToken ?? '') : '';
  return { first, pages, more: next === '' ? undefined : () => ask({ key, tokens: [...tokens, next] }) };
}
