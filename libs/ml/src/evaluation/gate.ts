import { z } from 'zod';
import { errors } from '../errors.js';
import type { ModelReport } from './evaluate-models.js';
import { METRICS, type Metric } from './metrics.js';

const CHAMPION = 'champion';

const bound = z.strictObject({ at_least: z.number().optional(), at_most: z.number().optional() }).refine(({ at_least, at_most }) => (at_least === undefined) !== (at_most === undefined), 'give at_least or at_most');
const gate = z.strictObject({
  metrics: z.partialRecord(z.enum(METRICS), bound).default({}),
  better_than: z.array(z.strictObject({ baseline: z.string().min(1), metric: z.enum(METRICS), by: z.number().default(0) })).default([]),
  slices: z.strictObject({ columns: z.array(z.string()).default([]), min_rows: z.number().int().min(1).default(200) }).default({ columns: [], min_rows: 200 }),
});

/** What the business asks of a challenger. */
export type Gate = z.infer<typeof gate>;

/** One condition with what was found. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number;
  readonly threshold: number;
  readonly why: string;
}

/** Whether the challenger may go on. */
export interface GateVerdict {
  readonly passed: boolean;
  readonly checks: readonly GateCheck[];
}

/** Reads a gate; throws GATE_INVALID and names the place. `rungs` are the names that a baseline may have, beside "champion". */
export function parseGate(value: unknown, rungs: readonly string[]): Gate {
  const result = gate.safeParse(value ?? {});
  if (!result.success) {
    const [issue] = result.error.issues;
    throw errors.GATE_INVALID({ place: issue?.path.map(String).join('.') || 'the gate', why: issue?.message ?? 'it is not valid' });
  }
  result.data.better_than.forEach(({ baseline }, i) => {
    if (baseline !== CHAMPION && !rungs.includes(baseline)) throw errors.GATE_INVALID({ place: `better_than.${i}.baseline`, why: `there is no rung "${baseline}"; there are ${[...rungs, CHAMPION].join(', ')}` });
  });
  return result.data;
}

/** Asks the gate about the last model. A baseline must be beaten with the whole 95 % interval of the paired difference; a champion that is not there yet asks nothing. */
export function evaluateGate({ metrics, better_than: rules }: Gate, models: readonly ModelReport[]): GateVerdict {
  const challenger = models.at(-1);
  if (!challenger) throw errors.GATE_INVALID({ place: 'the gate', why: 'there is no model to ask about' });
  const checks: GateCheck[] = [];
  for (const [metric, { at_least, at_most }] of Object.entries(metrics) as [Metric, Gate['metrics'][Metric] & object][]) {
    const value = challenger.metrics.find((each) => each.metric === metric)?.value ?? Number.NaN;
    const threshold = at_least ?? at_most ?? Number.NaN;
    const passed = at_least === undefined ? value <= threshold : value >= threshold;
    checks.push({ name: metric, passed, value, threshold, why: `${metric} of ${challenger.name} is ${value.toFixed(4)}, ${at_least === undefined ? 'at most' : 'at least'} ${threshold} is asked for` });
  }
  for (const { baseline, metric, by } of rules) {
    const name = `${metric} against ${baseline}`;
    if (baseline === CHAMPION && !models.some((model) => model.name === CHAMPION)) {
      checks.push({ name, passed: true, value: 0, threshold: by, why: 'there is no champion yet' });
      continue;
    }
    const found = challenger.differences.find((each) => each.baseline === baseline && each.difference.metric === metric)?.difference;
    const { value = Number.NaN, low = Number.NaN, high = Number.NaN } = found ?? {};
    const passed = low > by;
    checks.push({ name, passed, value, threshold: by, why: `${metric} of ${challenger.name} is ${passed ? `better than that of ${baseline}` : `not surely better than that of ${baseline}:`} by ${value.toFixed(4)} (95 %: ${low.toFixed(4)} to ${high.toFixed(4)}), the whole interval must exceed ${by}` });
  }
  return { passed: checks.every(({ passed }) => passed), checks };
}
