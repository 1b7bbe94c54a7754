import { errors } from '../errors.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The seconds of a length of time such as `90m`, `1h` or `7d`; WRONG_USE, with the name of the option, when it is none. */
export function spanOption(text: string, option: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) throw errors.WRONG_USE({ why: `${option} ${text} is no length of time; write a number and a unit, such as 90m, 1h or 7d.` });
  return Number(amount) * (SECONDS[unit] ?? 1);
}
