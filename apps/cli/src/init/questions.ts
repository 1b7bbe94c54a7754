import { nearest } from '@millrace/core';
import { errors } from '../errors.js';
import type { Session } from '../session.js';

/** One thing to be said on the command line, by a person, or not at all. */
export interface Question<T> {
  readonly text: string;
  /** What the command line says. */
  readonly given: string | undefined;
  /** The option of the command line, for programs that did not say it. */
  readonly option: string;
  /** Taken when a person says nothing, and with --yes. */
  readonly proposal?: string | undefined;
  /** Whether the proposal is taken without --yes too where nobody can be asked. */
  readonly harmless?: boolean;
  /** Reads the answer; what it throws is told, and the question is asked again. */
  readonly read: (answer: string) => T | Promise<T>;
}

/** Times that a person is asked the same. */
const PATIENCE = 5;

/** Asks one thing: the command line first, then the person, or the proposal with --yes; throws NOT_SAID when there is none of them. */
export async function ask<T>(session: Session, { text, given, option, proposal, harmless = false, read }: Question<T>, { yes }: { readonly yes: boolean }): Promise<T> {
  const person = yes || session.json ? undefined : session.terminal.ask;
  if (given !== undefined) return read(given);
  if (!person) {
    if (proposal === undefined || !(yes || harmless)) throw errors.NOT_SAID({ option });
    return read(proposal);
  }
  for (let times = 1; ; times++) {
    const said = (await person(`${text}${proposal === undefined ? '' : ` [${proposal}]`} `)).trim();
    const answer = said === '' ? (proposal ?? '') : said;
    try {
      return await read(answer);
    } catch (error) {
      if (times === PATIENCE || !(error instanceof Error)) throw error;
      session.remark(error.message);
    }
  }
}

/** One of a list, as it is spelt there; WRONG_USE names what is near. */
export function oneOf(answer: string, candidates: readonly string[], what: string): string {
  const found = candidates.find((candidate) => candidate === answer) ?? candidates.find((candidate) => candidate.toLowerCase() === answer.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(answer, candidates);
  throw errors.WRONG_USE({ why: `"${answer}" is no ${what}${near === undefined ? '' : `; did you mean "${near}"?`} There are ${candidates.join(', ')}.` });
}
