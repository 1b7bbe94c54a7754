import type { Store } from '@millrace/store';
import { type RawBuilder, sql } from 'kysely';
import type { MetricPoint } from './experiment.js';
import { type CurveQuestion, type MetricCurve, stretchesOf } from './metric-curve.js';
import type { RegistryTables } from './migrations.js';

/** Finds the points that a curve is drawn with: the database reads all of them, and gives only these. */
export class MetricCurveStore {
  constructor(private readonly store: Store<RegistryTables>) {}

  /** Every point where they are few enough; otherwise the first, the last, and the extremes of each stretch of steps. */
  async find(run: string, question: CurveQuestion): Promise<MetricCurve> {
    const { key, maxPoints, from = -Infinity, to = Infinity } = question;
    const asked = sql`run = ${run} and key = ${key} and step >= ${from} and step <= ${to}`;
    const end = (which: RawBuilder<unknown>): RawBuilder<unknown> => sql`(select ${which} from metric_point where run = ${run} and key = ${key})`;
    const { rows: [extent] } = await sql<Extent>`select count(*) as total, min(step) as first, max(step) as last, count(*) filter (where ${ASTRAY}) as astray, ${end(sql`min(step)`)} as least, ${end(sql`max(step)`)} as most from metric_point where ${asked}`.execute(this.store.db);
    const [total, nonFinite] = [Number(extent?.total ?? 0), Number(extent?.astray ?? 0)];
    const some = total <= maxPoints ? all(asked, maxPoints) : extremes({ run, key, asked }, { first: extent?.first ?? 0, last: extent?.last ?? 0, maxPoints, nonFinite });
    const { rows } = await some.execute(this.store.db);
    return { points: rows.map(({ step, value, time }) => ({ key, step, value: value ?? Number.NaN, time })), total, nonFinite, first: extent?.least ?? undefined, last: extent?.most ?? undefined };
  }
}

/** As the databases count. */
type Count = number | bigint | string;

interface Extent {
  readonly total: Count;
  readonly first: number | null;
  readonly last: number | null;
  readonly astray: Count;
  /** Of the whole metric. */
  readonly least: number | null;
  readonly most: number | null;
}

type Row = Pick<MetricPoint, 'step' | 'time'> & { readonly value: number | null };

/** NULL is NaN. */
const ASTRAY = sql`(value is null or value = ${Infinity} or value = ${-Infinity})`;
const FINITE = sql`value > ${-Infinity} and value < ${Infinity}`;

const all = (asked: RawBuilder<unknown>, maxPoints: number): RawBuilder<Row> => sql<Row>`select step, value, time from metric_point where ${asked} order by step, seq limit ${maxPoints}`;

/** Each stretch is a range of the key, so that no point is sorted with those of another; `seq` names a point of a run. */
function extremes({ run, key, asked }: { readonly run: string; readonly key: string; readonly asked: RawBuilder<unknown> }, { first, last, maxPoints, nonFinite }: { readonly first: number; readonly last: number; readonly maxPoints: number; readonly nonFinite: number }): RawBuilder<Row> {
  const { many, width } = stretchesOf({ first, last }, { maxPoints, nonFinite });
  const edge = (at: RawBuilder<unknown>): RawBuilder<unknown> => sql`cast(${first} as double precision) + ${at} * cast(${width} as double precision)`;
  // The last stretch reaches beyond the last step; written so that no database takes it for the end of the range.
  const within = sql`run = ${run} and key = ${key} and step >= ${edge(sql`at`)} and step < ${edge(sql`(at + 1)`)} and step - ${last} <= 0`;
  const one = (what: RawBuilder<unknown>, order: RawBuilder<unknown>): RawBuilder<unknown> => sql`select (select seq from metric_point where ${within} and ${what} order by ${order} limit 1) as seq from stretch`;
  const end = (way: RawBuilder<unknown>): RawBuilder<unknown> => sql`select (select seq from metric_point where ${asked} order by step ${way}, seq ${way} limit 1) as seq`;
  const found = [one(FINITE, sql`value, step, seq`), one(FINITE, sql`value desc, step, seq`), ...(nonFinite > 0 ? [one(ASTRAY, sql`step, seq`)] : []), end(sql`asc`), end(sql`desc`)];
  return sql<Row>`with recursive stretch(at) as (select 0 union all select at + 1 from stretch where at < ${sql.lit(many - 1)}), found as (${sql.join(found, sql` union all `)})
    select step, value, time from (select distinct seq as place from found) as kept cross join metric_point where run = ${run} and seq = place order by step, seq`;
}
