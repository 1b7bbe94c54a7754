import { useState } from 'react';
import { type Answer, answers, useAnswers } from './answers.js';
import { useLast } from './last.js';
import type { Call, RestFailure } from './rest.js';

/** A page of a list: it says where the next begins, or nothing at the end. */
interface Page {
  readonly nextPageToken: string;
}

/** The pages of a list that are shown so far, each beginning where the one before it ends. */
export interface Pages<T extends Page> {
  readonly first: Answer<T>;
  readonly pages: readonly T[];
  /** Shows one page more; undefined where there is none, and while one is on its way. */
  readonly more: (() => void) | undefined;
  /** A page that was asked for is not there yet. */
  readonly waits: boolean;
  /** Why a page that was asked for is not there. */
  readonly failure: RestFailure | undefined;
}

/**
 * A list, page by page: the first at once, another for each `more`. The call says what is asked for a page token; the first has none. A list that grows at its
 * top moves all that follows, so every page is asked for by the end of the one before it, and what was whole stays until the pages are whole again.
 */
export function usePages<T extends Page>(callOf: (token: string) => Call<T>): Pages<T> {
  const key = callOf('').path;
  const [asked, ask] = useState({ key, count: 1 });
  const count = asked.key === key ? asked.count : 1;
  const { calls, pages, end } = chainOf(callOf, count);
  useAnswers(calls);
  const complete = pages.length === calls.length;
  const shown = useLast(complete ? pages : undefined, key) ?? pages;
  const late = complete || calls.length === 1 ? undefined : answers.get<T>(calls.at(-1)?.path);
  return {
    first: answers.get<T>(key),
    pages: shown,
    more: complete && end !== '' ? () => ask({ key, count: count + 1 }) : undefined,
    waits: late !== undefined && late.failure === undefined,
    failure: late?.failure,
  };
}

/** The calls of so many pages as far as their tokens are known, the answers that are there, and the token of what follows them. */
function chainOf<T extends Page>(callOf: (token: string) => Call<T>, count: number): { readonly calls: readonly Call<T>[]; readonly pages: readonly T[]; readonly end: string } {
  const calls = [callOf('')];
  const pages: T[] = [];
  for (;;) {
    const page = answers.get<T>(calls.at(-1)?.path).value;
    if (page === undefined) return { calls, pages, end: '' };
    pages.push(page);
    if (pages.length === count || page.nextPageToken === '') return { calls, pages, end: page.nextPageToken };
    calls.push(callOf(page.nextPageToken));
  }
}
