import { useCallback, useSyncExternalStore } from 'react';
import { ask, type Call, RestFailure } from './rest.js';

/** What is known of the answer to one call: nothing yet, the newest answer, or why there is none. An old answer stays beside a new failure. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly failure: RestFailure | undefined;
}

const NOTHING: Answer<never> = { value: undefined, failure: undefined };
/** So often what is on the screen is asked for again. */
const EVERY_MS = 4_000;
/** An answer so young is not asked for a second time because another part of the page wants it too. */
const YOUNG_MS = 1_000;
/** So many answers that nobody looks at any more are kept, for whoever comes back to them. */
const KEPT = 500;
/** So often ages are told anew. */
const AGES_MS = 10_000;

/** Keeps the newest answers by address: views share them, and one that is opened again shows what was known at once. */
class Answers {
  /** Counts up with every new answer. */
  version = 0;
  readonly #known = new Map<string, Answer<unknown>>();
  readonly #texts = new Map<string, string>();
  readonly #asked = new Set<string>();
  readonly #answered = new Map<string, number>();
  readonly #shown = new Map<string, { readonly call: Call<unknown>; readonly listeners: Set<() => void> }>();
  /** What nobody looks at any more, the longest unseen first. */
  readonly #unseen = new Set<string>();
  readonly #watchers = new Set<() => void>();

  get<T>(path: string | undefined): Answer<T> {
    return ((path === undefined ? undefined : this.#known.get(path)) ?? NOTHING) as Answer<T>;
  }

  /** What is known of all that is on the screen and has failed. */
  failed(): readonly Answer<unknown>[] {
    return Array.from(this.#shown.keys(), (path) => this.get(path)).filter(({ failure }) => failure !== undefined);
  }

  /** Tells when other things on the screen have failed than before; gives what ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Asks now, and again and again while somebody looks. */
  show(call: Call<unknown>, listener: () => void): () => void {
    const shown = this.#shown.get(call.path) ?? { call, listeners: new Set() };
    this.#shown.set(call.path, shown);
    this.#unseen.delete(call.path);
    shown.listeners.add(listener);
    this.#tellOf(call.path);
    if (performance.now() - (this.#answered.get(call.path) ?? -YOUNG_MS) >= YOUNG_MS) void this.#refresh(call);
    return () => {
      shown.listeners.delete(listener);
      if (shown.listeners.size === 0) this.#leave(call.path);
    };
  }

  /** Asks again for all that is on the screen. */
  refresh(): void {
    for (const { call } of this.#shown.values()) void this.#refresh(call);
  }

  /** Draws anew what is on the screen: ages grow though nothing has changed. */
  redraw(): void {
    this.version++;
    for (const listener of new Set(Array.from(this.#shown.values(), ({ listeners }) => [...listeners]).flat())) listener();
  }

  /** Takes an answer that came by another way. */
  put<T>({ path }: Call<T>, value: T): void {
    this.#set(path, { value, failure: undefined });
  }

  #leave(path: string): void {
    this.#shown.delete(path);
    this.#unseen.add(path);
    this.#tellOf(path);
    const [longest] = this.#unseen;
    if (this.#unseen.size <= KEPT || longest === undefined) return;
    this.#unseen.delete(longest);
    for (const known of [this.#known, this.#texts, this.#answered]) known.delete(longest);
  }

  async #refresh(call: Call<unknown>): Promise<void> {
    if (this.#asked.has(call.path) || (call.still && this.#known.get(call.path)?.value !== undefined)) return;
    this.#asked.add(call.path);
    try {
      const value = await ask(call);
      const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
      // What is as it was is not drawn anew.
      if (this.#texts.get(call.path) === text && this.#known.get(call.path)?.failure === undefined) return;
      this.#texts.set(call.path, text);
      this.#set(call.path, { value, failure: undefined });
    } catch (error) {
      this.#set(call.path, { value: this.#known.get(call.path)?.value, failure: error instanceof RestFailure ? error : new RestFailure(0, 'INTERNAL', `The answer of ${call.path} cannot be read: ${String(error)}`) });
    } finally {
      this.#asked.delete(call.path);
      this.#answered.set(call.path, performance.now());
    }
  }

  /** Tells those who watch of a path that has failed and is shown, or is not shown any more. */
  #tellOf(path: string): void {
    if (this.get(path).failure === undefined) return;
    this.version++;
    for (const watcher of this.#watchers) watcher();
  }

  #set(path: string, answer: Answer<unknown>): void {
    const former = this.get(path).failure;
    this.#known.set(path, answer);
    if (!this.#shown.has(path)) this.#leave(path);
    this.version++;
    for (const listener of this.#shown.get(path)?.listeners ?? []) listener();
    if (former !== answer.failure) for (const watcher of this.#watchers) watcher();
  }
}

/** The answers of this page. */
export const answers = new Answers();

/** Keeps what is on the screen new while somebody looks at it; gives what ends that. */
export function keepFresh(): () => void {
  const timer = setInterval(() => document.visibilityState === 'visible' && answers.refresh(), EVERY_MS);
  const ages = setInterval(() => document.visibilityState === 'visible' && answers.redraw(), AGES_MS);
  const seen = (): void => void (document.visibilityState === 'visible' && answers.refresh());
  document.addEventListener('visibilitychange', seen);
  return () => {
    clearInterval(timer);
    clearInterval(ages);
    document.removeEventListener('visibilitychange', seen);
  };
}

/** The newest answer to a call, drawn anew when it changes; undefined asks nothing. */
export function useAnswer<T>(call: Call<T> | undefined): Answer<T> {
  useAnswers(call ? [call] : []);
  return answers.get<T>(call?.path);
}

/** The newest answers to several calls, in their order; undefined where there is none yet. */
export function useAnswers<T>(calls: readonly Call<T>[]): readonly (T | undefined)[] {
  const paths = calls.map(({ path }) => path).join('\n');
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = calls.map((call) => answers.show(call, listener));
      return () => ends.forEach((end) => end());
    },
    // The addresses say what is asked.
    [paths],
  );
  useSyncExternalStore(subscribe, () => answers.version);
  return calls.map(({ path }) => answers.get<T>(path).value);
}

/** Why one of several calls has no answer, or no new one; the first that has failed. */
export const failureOf = (calls: readonly Call<unknown>[]): RestFailure | undefined => calls.map(({ path }) => answers.get(path).failure).find((failure) => failure !== undefined);

/** Several answers as one: there once all are, with the first failure among them. */
export function together<const T extends Readonly<Record<string, Answer<unknown>>>>(parts: T): Answer<{ readonly [Part in keyof T]: T[Part] extends Answer<infer Value> ? Value : never }> {
  const all = Object.entries(parts);
  const value = all.every(([, answer]) => answer.value !== undefined) ? Object.fromEntries(all.map(([part, answer]) => [part, answer.value])) : undefined;
  // What is gathered here is what the parts say.
  return { value: value as never, failure: all.find(([, { failure }]) => failure)?.[1].failure };
}
