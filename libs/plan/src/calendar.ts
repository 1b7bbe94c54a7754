import type { F64, I64 } from './expression.js';
import type { Ir } from './ir.js';

export const DATE_PARTS = ['year', 'quarter', 'month', 'day', 'weekday', 'weekend', 'hour', 'minute', 'second'] as const;
export type DatePart = (typeof DATE_PARTS)[number];

/** A part of a time in UTC as a whole number: month 1 to 12, weekday 0 (Sunday) to 6, weekend 0 or 1, the year from March 0 on for 8,000 years and missing outside. */
export const datePart = (ir: Ir, part: DatePart, time: I64): F64 => PARTS[part](ir, time);

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4n * DAY;
/** The Gregorian calendar repeats after 400 years. */
const ERA = 146_097n * DAY;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT = 719_468n * DAY;
/** Years beyond these 8,000 would need whole numbers that some engine does not have. */
const ERAS = 20n;

interface Day {
  /** Counted from March, 0 to 11. */
  readonly month: F64;
  /** Of the year that begins in March. */
  readonly dayOfYear: F64;
  /** Of the era; it begins in March. */
  readonly year: F64;
}

/** Howard Hinnant's civil_from_days; the numbers are small whole ones, so doubles are exact. */
function dayOf(ir: Ir, time: I64): Day {
  const { add, sub, mul } = ir;
  const day = ir.i2d(ir.idiv(ir.fmod(ir.iadd(ir.fmod(time, ERA), EPOCH_SHIFT), ERA), DAY));
  const leaps = add(sub(whole(ir, day, 1460), whole(ir, day, 36_524)), whole(ir, day, 146_096));
  const year = whole(ir, sub(day, leaps), 365);
  const dayOfYear = sub(day, sub(add(mul(year, ir.lit(365)), whole(ir, year, 4)), whole(ir, year, 100)));
  return { year, dayOfYear, month: whole(ir, add(mul(dayOfYear, ir.lit(5)), ir.lit(2)), 153) };
}

const whole = (ir: Ir, a: F64, b: number) => ir.floor(ir.div(a, ir.lit(b)));
const within = (time: I64, ir: Ir, { cycle, unit }: { readonly cycle: bigint; readonly unit: bigint }) => ir.i2d(ir.idiv(ir.fmod(time, cycle), unit));
const weekday = (ir: Ir, time: I64) => ir.i2d(ir.idiv(ir.fmod(ir.iadd(ir.fmod(time, WEEK), EPOCH_WEEKDAY), WEEK), DAY));

function month(ir: Ir, time: I64): F64 {
  const { month: fromMarch } = dayOf(ir, time);
  return ir.when(ir.lt(fromMarch, ir.lit(10)), ir.add(fromMarch, ir.lit(3)), ir.sub(fromMarch, ir.lit(9)));
}

function year(ir: Ir, time: I64): F64 {
  const { add, mul } = ir;
  const { year: ofEra, month: fromMarch } = dayOf(ir, time);
  const era = ir.i2d(ir.idiv(ir.fmod(ir.iadd(ir.fmod(time, ERAS * ERA), EPOCH_SHIFT), ERAS * ERA), ERA));
  const found = add(add(mul(era, ir.lit(400)), ofEra), ir.flag(ir.ge(fromMarch, ir.lit(10))));
  const micros = ir.i2d(time);
  const inside = ir.and(ir.ge(micros, ir.lit(Number(-EPOCH_SHIFT))), ir.le(micros, ir.lit(Number(ERAS * ERA - EPOCH_SHIFT))));
  // A double rounds so far from now: a time just outside came round to the other end, on the wrong side of 1970.
  const same = ir.or(ir.and(ir.lt(micros, ir.lit(0)), ir.lt(found, ir.lit(1970))), ir.and(ir.ge(micros, ir.lit(0)), ir.ge(found, ir.lit(1970))));
  return ir.when(ir.and(inside, same), found, ir.lit(Number.NaN));
}

const PARTS: Readonly<Record<DatePart, (ir: Ir, time: I64) => F64>> = {
  year,
  quarter: (ir, time) => ir.add(whole(ir, ir.sub(month(ir, time), ir.lit(1)), 3), ir.lit(1)),
  month,
  day: (ir, time) => {
    const { add, sub, mul } = ir;
    const { dayOfYear, month: fromMarch } = dayOf(ir, time);
    return add(sub(dayOfYear, whole(ir, add(mul(fromMarch, ir.lit(153)), ir.lit(2)), 5)), ir.lit(1));
  },
  weekday,
  weekend: (ir, time) => {
    const day = weekday(ir, time);
    return ir.flag(ir.or(ir.eq(day, ir.lit(0)), ir.eq(day, ir.lit(6))));
  },
  hour: (ir, time) => within(time, ir, { cycle: DAY, unit: HOUR }),
  minute: (ir, time) => within(time, ir, { cycle: HOUR, unit: MINUTE }),
  second: (ir, time) => within(time, ir, { cycle: MINUTE, unit: SECOND }),
};
