import type { ReactNode } from 'react';
import type { Answer } from '../client/answers.js';
import type { RestFailure } from '../client/rest.js';
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

/** Says what went wrong, with the reason of whoever knows it; that a home is away is said once in a view. */
export function Failure({ failure, stale = false, did = false }: { readonly failure: RestFailure; readonly stale?: boolean; readonly did?: boolean }) {
  return (
    <div className="failure" role="alert" data-away={(stale && failure.code === 'UNAVAILABLE') || undefined}>
      <strong>{did ? 'This was not done.' : failure.status === 404 ? 'This is not there.' : stale ? 'What you see may be old.' : 'This could not be read.'}</strong> {failure.message} <code>{failure.code}</code>
    </div>
  );
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
