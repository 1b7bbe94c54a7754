import { errors } from '../errors.js';

/** A time in UTC to the minute, or to the second when it has some. */
export function showTime(time: Date | undefined): string {
  if (time === undefined || Number.isNaN(time.getTime())) return '';
  const text = time.toISOString().replace('T', ' ');
  return time.getTime() % 60_000 === 0 ? text.slice(0, 16) : text.slice(0, 19);
}

/** Only the day of a time. */
export const showDay = (time: Date | undefined): string => time?.toISOString().slice(0, 10) ?? '';

/** Microseconds since 1970 as a time. */
export const showMicros = (micros: number | undefined): string => (micros === undefined ? '' : showTime(new Date(micros / 1_000)));

/** Seconds between two times; until now when the second has not come. */
export const secondsBetween = (from: Date | undefined, to: Date | undefined, now: Date): number | undefined => (from === undefined ? undefined : Math.max(0, ((to ?? now).getTime() - from.getTime()) / 1_000));

/** Seconds as a person says them. */
export function showSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A time in ISO 8601; without a zone it is UTC. Undefined when it is none. */
export function parseIsoTime(text: string): Date | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const time = new Date(text.length === 10 || match[1] !== undefined ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(time.getTime()) || !time.toISOString().startsWith(match[1] === undefined || match[1] === 'Z' ? text.slice(0, 10) : '') ? undefined : time;
}

/** The time that an option gives; WRONG_TIME when it is none. */
export function timeOption(text: string, option: string): Date {
  const time = parseIsoTime(text);
  if (time === undefined) throw errors.WRONG_TIME({ text, option });
  return time;
}
