import { type ReactNode, useLayoutEffect, useSyncExternalStore } from 'react';
import { type Answer, answers } from '../client/answers.js';
import type { RestFailure } from '../client/rest.js';
import { said } from '../client/said.js';
import { meaningOf, SIGN, type Tone } from './meaning.js';

/** A state with its sign and its word. */
export function State({ of, tone, word }: { readonly of?: string; readonly tone?: Tone; readonly word?: string }) {
  const meaning = of === undefined ? { tone: tone ?? 'idle', word: word ?? '' } : meaningOf(of);
  return (
    <span className="state" data-tone={tone ?? meaning.tone}>
      <span aria-hidden="true" className="sign">{SIGN[tone ?? meaning.tone]}</span>
      {word ?? meaning.word}
    </span>
  );
}

/** Stands where an answer will be, in about its shape. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="loading" role="status">
      <span className="unseen">Reading {what} …</span>
      <span aria-hidden="true" className="bone" />
      <span aria-hidden="true" className="bone" />
      <span aria-hidden="true" className="bone" />
    </div>
  );
}

/** Says that there is nothing yet, and what to do next. */
export function Empty({ title, children, command }: { readonly title: string; readonly children?: ReactNode; readonly command?: string }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children === undefined ? undefined : <p>{children}</p>}
      {command === undefined ? undefined : <pre tabIndex={0} aria-label="Command"><code>{command}</code></pre>}
    </div>
  );
}

interface FailureParts {
  readonly failure: RestFailure;
  /** Something older is shown. */
  readonly stale?: boolean;
  /** Something was to be done. */
  readonly did?: boolean;
}

/** Says what went wrong, with the reason of whoever knows it; that a home is away is said once in a view. */
export function Failure({ failure, stale = false, did = false }: FailureParts) {
  useLayoutEffect(() => said.say(failure.message), [failure.message]);
  return <FailureText failure={failure} lead={did ? 'This was not done.' : failure.status === 404 ? 'This is not there.' : stale ? 'What you see may be old.' : 'This could not be read.'} away={stale && failure.code === 'UNAVAILABLE'} />;
}

function FailureText({ failure, lead, away }: { readonly failure: RestFailure; readonly lead: string; readonly away: boolean }) {
  return (
    <div className="failure" role="alert" data-away={away || undefined}>
      <strong>{lead}</strong> {failure.message} <code>{failure.code}</code>
    </div>
  );
}

/** Says what has failed and nothing else on the screen says: a part that a view can do without is missing there, and that is no empty part. What is not there is told by whoever asked for it. */
export function Unsaid() {
  useSyncExternalStore(watchBoth, () => answers.version + said.version);
  const unsaid = answers.failed().flatMap(({ value, failure }) => (failure && failure.status !== 404 && !said.has(failure.message) ? [{ failure, stale: value !== undefined }] : []));
  return [...new Map(unsaid.map((each) => [each.failure.message, each])).values()].map(({ failure, stale }) => <FailureText key={failure.message} failure={failure} lead={stale ? 'What you see may be old.' : 'Part of this could not be read.'} away={failure.code === 'UNAVAILABLE'} />);
}

function watchBoth(watcher: () => void): () => void {
  const ends = [answers.watch(watcher), said.watch(watcher)];
  return () => ends.forEach((end) => end());
}

/** Shows an answer as it comes: loading, why there is none, or what it says; an old answer stays with a word of warning. */
export function Shown<T>({ answer: { value, failure }, what, children }: { readonly answer: Answer<T>; readonly what: string; readonly children: (value: T) => ReactNode }) {
  if (value === undefined) return failure ? <Failure failure={failure} /> : <Loading what={what} />;
  return (
    <>
      {failure ? <Failure failure={failure} stale /> : undefined}
      {children(value)}
    </>
  );
}
