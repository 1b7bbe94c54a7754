import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { expectOneRow, type Store } from '@millrace/store';
import { errors } from './errors.js';
import type { Experiment, MetricPoint, Run } from './experiment.js';
import type { RegistryTables } from './migrations.js';
import { runName } from './names.js';
import { putValues } from './run-value.rows.js';
import { changedValues } from './run-value.js';

/** Rows in one INSERT. */
const CHUNK = 500;

/** Where experiments, runs and their metrics are kept. */
export class ExperimentStore {
  constructor(private readonly store: Store<RegistryTables>) {}

  /** The experiment, made when it is not there. */
  async ensure(experiment: Experiment): Promise<Experiment> {
    await this.store.db.insertInto('experiment').values({ experiment: experiment.experiment, body: canonicalJson(experiment) }).onConflict((conflict) => conflict.column('experiment').doNothing()).execute();
    return (await this.find(experiment.experiment)) ?? experiment;
  }

  async find(experiment: string): Promise<Experiment | undefined> {
    const row = await this.store.db.selectFrom('experiment').select('body').where('experiment', '=', experiment).executeTakeFirst();
    return row && revive(row.body);
  }

  /** By name, one more than the page holds. */
  async list(page: PageRequest): Promise<readonly Experiment[]> {
    const rows = await this.store.db.selectFrom('experiment').select('body').where('experiment', '>', page.after ?? '').orderBy('experiment').limit(page.size + 1).execute();
    return rows.map(({ body }) => revive(body));
  }

  /** Keeps a new run; where its request id was used before, that run is given back instead. */
  async createRun(run: Run, requestId: string): Promise<Run> {
    const request_id = requestId === '' ? null : requestId;
    return this.store.write(async (tx) => {
      const [added] = await tx.insertInto('run').values({ ...keysOf(run), request_id, body: canonicalJson(run) }).onConflict((conflict) => conflict.columns(['experiment', 'request_id']).doNothing()).execute();
      if (added?.numInsertedOrUpdatedRows !== 0n) {
        await putValues(tx, run, changedValues(undefined, run));
        return run;
      }
      const row = await tx.selectFrom('run').select('body').where('experiment', '=', run.experiment).where('request_id', '=', request_id).executeTakeFirstOrThrow();
      return parseCanonicalJson(row.body) as Run;
    });
  }

  async findRun(experiment: string, run: string): Promise<Run | undefined> {
    const row = await this.store.db.selectFrom('run').select('body').where('run', '=', run).where('experiment', '=', experiment).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as Run);
  }

  /** Changes a run and adds metric points in one transaction; a request id that came before changes nothing. */
  async change(experiment: string, run: string, { requestId, rule, points }: { readonly requestId: string; readonly rule: (run: Run) => Run; readonly points: readonly MetricPoint[] }): Promise<Run> {
    return this.store.write(async (tx) => {
      const row = await tx.selectFrom('run').select('body').where('run', '=', run).where('experiment', '=', experiment).executeTakeFirst();
      if (!row) throw errors.RUN_NOT_FOUND({ name: runName.format({ experiment, run }) });
      const found = parseCanonicalJson(row.body) as Run;
      if (requestId !== '') {
        const [added] = await tx.insertInto('run_log').values({ run, request_id: requestId }).onConflict((conflict) => conflict.columns(['run', 'request_id']).doNothing()).execute();
        if (added?.numInsertedOrUpdatedRows === 0n) return found;
      }
      const next = rule(found);
      if (next === found) return found;
      const changed = await tx.updateTable('run').set({ state: next.state, body: canonicalJson(next) }).where('run', '=', run).execute();
      expectOneRow(changed, errors.CHANGED({ name: runName.format({ experiment, run }) }));
      await putValues(tx, next, changedValues(found, next));
      for (let start = 0; start < points.length; start += CHUNK) {
        // The revision tells points of one step apart: both are kept, in the order in which they came.
        const rows = points.slice(start, start + CHUNK).map((point, i) => ({ ...point, value: Number.isNaN(point.value) ? null : point.value, run, seq: next.revision * MAX_SEQ + start + i }));
        await tx.insertInto('metric_point').values(rows).execute();
      }
      return next;
    });
  }

  /** By step, then as they came; one more than the page holds. The page's key is `step seq`. */
  async listPoints(run: string, key: string, page: PageRequest): Promise<readonly (MetricPoint & { readonly seq: number })[]> {
    const [step = 0, seq = -1] = (page.after ?? '').split(' ').map(Number);
    let query = this.store.db.selectFrom('metric_point').selectAll().where('run', '=', run).where('key', '=', key).orderBy('step').orderBy('seq').limit(page.size + 1);
    if (page.after !== undefined) query = query.where(({ eb, or, and }) => or([eb('step', '>', step), and([eb('step', '=', step), eb('seq', '>', seq)])]));
    return (await query.execute()).map(({ value, ...point }) => ({ ...point, value: value ?? Number.NaN }));
  }

  /** As they came, after a position; at most so many. An empty key means every metric. */
  async pointsAfter(run: string, { key, after, size }: { readonly key: string; readonly after: number; readonly size: number }): Promise<readonly (MetricPoint & { readonly seq: number })[]> {
    let query = this.store.db.selectFrom('metric_point').selectAll().where('run', '=', run).where('seq', '>', after).orderBy('seq').limit(size);
    if (key !== '') query = query.where('key', '=', key);
    return (await query.execute()).map(({ value, ...point }) => ({ ...point, value: value ?? Number.NaN }));
  }
}

const MAX_SEQ = 10_000;

const keysOf = ({ experiment, run, state }: Run) => ({ experiment, run, state });

function revive(body: string): Experiment {
  const experiment = parseCanonicalJson(body) as Experiment;
  return { ...experiment, createTime: new Date(experiment.createTime) };
}
