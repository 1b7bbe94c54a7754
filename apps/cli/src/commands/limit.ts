import { errors } from '../errors.js';
import { ALL } from '../calls/read-pages.js';

/** The number of `--limit`; WRONG_NUMBER when it is none. */
export function limitOption(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > ALL) throw errors.WRONG_NUMBER({ text, option: '--limit', wanted: `a whole number from 1 to ${ALL}` });
  return limit;
}

/** The line below a list that goes on. */
export const moreLine = (more: boolean, limit: number): string => (more ? `… and more; --limit ${limit * 5} shows them.\n` : '');
