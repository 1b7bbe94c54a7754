import { z } from 'zod';
import type { F64, I64 } from '../expression.js';
import type { Ir } from '../ir.js';
import { defineKind } from '../kind.js';

const PARTS = ['hour', 'weekday', 'weekend', 'month'] as const;
type Part = (typeof PARTS)[number];
const options = z.strictObject({
  parts: z.array(z.enum(PARTS)).min(1).refine((parts) => new Set(parts).size === parts.length, 'name each part once').default(['hour', 'weekday']),
});

/** Parts of a time in UTC: hour 0 to 23, weekday 0 (Sunday) to 6, weekend 0 or 1, month 1 to 12. */
export const dateparts = defineKind<z.infer<typeof options>>({
  name: 'dateparts',
  role: 'transform',
  accepts: ['TIMESTAMP'],
  arity: [1, 1],
  families: false,
  options,
  schema: ([input], { parts }) => parts.map((name) => ({ name, type: 'FLOAT64', nullable: name === 'weekend' ? false : (input?.nullable ?? true) })),
  lower: (ir, { parts }, [column]) => {
    const node = column?.members[0]?.node;
    return parts.map((part) => (node?.type === 'i64' ? [{ name: part, node: LOWER[part](ir, node) }] : []));
  },
});

const HOUR = 3_600_000_000n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4n * DAY;
/** The Gregorian calendar repeats after 400 years. */
const ERA = 146_097n * DAY;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT = 719_468n * DAY;

const weekday = (ir: Ir, time: I64) => ir.i2d(ir.idiv(ir.fmod(ir.iadd(ir.fmod(time, WEEK), EPOCH_WEEKDAY), WEEK), DAY));

const LOWER: Readonly<Record<Part, (ir: Ir, time: I64) => F64>> = {
  hour: (ir, time) => ir.i2d(ir.idiv(ir.fmod(time, DAY), HOUR)),
  weekday,
  weekend: (ir, time) => {
    const day = weekday(ir, time);
    return ir.flag(ir.or(ir.eq(day, ir.lit(0)), ir.eq(day, ir.lit(6))));
  },
  /** Howard Hinnant's civil_from_days; the numbers are small whole ones, so doubles are exact. */
  month: (ir, time) => {
    const { add, sub, mul, div } = ir;
    const whole = (a: F64, b: number) => ir.floor(div(a, ir.lit(b)));
    const day = ir.i2d(ir.idiv(ir.fmod(ir.iadd(ir.fmod(time, ERA), EPOCH_SHIFT), ERA), DAY));
    const leaps = add(sub(whole(day, 1460), whole(day, 36_524)), whole(day, 146_096));
    const year = whole(sub(day, leaps), 365);
    const dayOfYear = sub(day, sub(add(mul(year, ir.lit(365)), whole(year, 4)), whole(year, 100)));
    const fromMarch = whole(add(mul(dayOfYear, ir.lit(5)), ir.lit(2)), 153);
    return ir.when(ir.lt(fromMarch, ir.lit(10)), add(fromMarch, ir.lit(3)), sub(fromMarch, ir.lit(9)));
  },
};
