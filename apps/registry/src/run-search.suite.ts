import { type Run, Run_State, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegistryHome } from './registry-home.fixture.js';

let at: RegistryHome;

/** What a run of a story has; its name is its display name. */
interface Told {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly ends?: Run_State;
}

/** An experiment with these runs, begun one after the other. */
async function tell(runs: Readonly<Record<string, Told>>): Promise<string> {
  const { name: parent } = await at.registry.createExperiment({ experiment: { name: `experiments/${at.fresh('e')}` } });
  for (const [displayName, { params = {}, tags = {}, metrics = {}, ends }] of Object.entries(runs)) {
    const { name } = await at.registry.createRun({ parent, run: { displayName, params, tags } });
    if (Object.keys(metrics).length > 0) await at.registry.logRun({ name, metrics: Object.entries(metrics).map(([key, value]) => ({ key, step: 0n, value })) });
    if (ends !== undefined) await at.registry.finishRun({ name, state: ends });
  }
  return parent;
}

const names = (runs: readonly Run[]): readonly string[] => runs.map(({ displayName }) => displayName);
const find = async (parent: string, asked: { readonly filter?: string; readonly orderBy?: string; readonly pageSize?: number; readonly skip?: number }) => names((await at.registry.listRuns({ parent, ...asked })).runs);

const story = () =>
  tell({
    slow: { params: { rate: '0.01', solver: 'Adam' }, metrics: { auc: 0.7, loss: 0.5 }, ends: Run_State.SUCCEEDED },
    quick: { params: { rate: '0.10', solver: 'sgd' }, metrics: { auc: 0.9 }, tags: { owner: 'Ada L' }, ends: Run_State.SUCCEEDED },
    broken: { params: { rate: '10', solver: 'adamw' }, metrics: { auc: Number.NaN }, ends: Run_State.FAILED },
    going: { params: { rate: '2' }, metrics: { auc: -0.5, loss: 1e-9 } },
  });

/** What every home of the registry promises about finding runs. */
export function runSearchSuite(title: string, start: () => Promise<RegistryHome>): void {
  describe(`runs of an experiment ${title}`, () => {
    beforeAll(async () => void (at = await start()), 60_000);
    afterAll(() => at.close());

    it.each([
      ['metrics.auc', ['going', 'slow', 'quick', 'broken']],
      ['metrics.auc desc', ['quick', 'slow', 'going', 'broken']],
      // As numbers, though a parameter is a text.
      ['params.rate', ['slow', 'quick', 'going', 'broken']],
      ['params.rate desc', ['broken', 'going', 'quick', 'slow']],
      ['params.solver asc', ['slow', 'broken', 'quick', 'going']],
      ['display_name', ['broken', 'going', 'quick', 'slow']],
      ['start_time', ['slow', 'quick', 'broken', 'going']],
      ['', ['going', 'broken', 'quick', 'slow']],
      ['metrics.none', ['going', 'broken', 'quick', 'slow']],
    ])('are sorted by "%s", those without a value last', async (orderBy, expected) => {
      expect(await find(await story(), { orderBy })).toEqual(expected);
    });

    it.each([
      ['state = SUCCEEDED', ['quick', 'slow']],
      ['state != SUCCEEDED', ['going', 'broken']],
      ['metrics.auc > 0.7', ['quick']],
      ['metrics.auc>=0.7 AND metrics.auc<0.9', ['slow']],
      ['metrics.auc <= 0.7', ['going', 'slow']],
      ['metrics.auc:*', ['going', 'quick', 'slow']],
      ['params.rate = 0.1', ['quick']],
      ['params.rate = "0.1"', []],
      ['params.rate = "0.10"', ['quick']],
      ['params.rate > 0.1', ['going', 'broken']],
      ['params.solver : adam', ['broken', 'slow']],
      ['params.solver = adam', []],
      ['params.solver = Adam', ['slow']],
      ['params.solver != Adam', ['broken', 'quick']],
      ['tags.owner = "Ada L" AND state = SUCCEEDED', ['quick']],
      ['display_name : OW', ['slow']],
      ['start_time > 2001-01-01 AND params.solver : A', ['broken', 'slow']],
      ['end_time < "2001-01-01T00:00:00Z"', []],
      ['metrics.nobody = 1', []],
    ])('are found by %s', async (filter, expected) => {
      const { runs, totalSize } = await at.registry.listRuns({ parent: await story(), filter });
      expect([...names(runs)].sort()).toEqual([...expected].sort());
      expect(totalSize).toBe(expected.length);
    });

    it('are found as they have become, and not as they were', async () => {
      const parent = await tell({ one: { metrics: { loss: 3 }, tags: { stage: 'warm' } } });
      const [run] = (await at.registry.listRuns({ parent })).runs;
      await at.registry.logRun({ name: run?.name ?? '', metrics: [{ key: 'loss', step: 1n, value: 1 }], tags: { stage: 'cold' } });
      expect(await find(parent, { filter: 'metrics.loss = 3' })).toEqual([]);
      expect(await find(parent, { filter: 'metrics.loss = 1 AND tags.stage = cold' })).toEqual(['one']);
      await at.registry.logRun({ name: run?.name ?? '', metrics: [{ key: 'loss', step: 2n, value: Number.NaN }] });
      expect(await find(parent, { filter: 'metrics.loss:*' })).toEqual([]);
      await at.registry.finishRun({ name: run?.name ?? '', state: Run_State.CANCELLED });
      expect(await find(parent, { filter: 'state=RUNNING' })).toEqual([]);
      expect(await find(parent, { filter: 'state=CANCELLED' })).toEqual(['one']);
    });

    it.each([
      { orderBy: '', filter: '' },
      { orderBy: 'metrics.loss', filter: '' },
      { orderBy: 'metrics.loss desc', filter: '' },
      { orderBy: 'tags.group desc', filter: '' },
      { orderBy: '', filter: 'start_time:*' },
      { orderBy: 'metrics.loss', filter: 'state=RUNNING AND start_time:*' },
      { orderBy: 'tags.group desc', filter: 'display_name:r AND tags.group != x' },
      { orderBy: 'metrics.loss desc', filter: 'display_name:r AND state != FAILED' },
    ])('come once each in pages, in the order of one page, by "$orderBy" among "$filter"', async ({ orderBy, filter }) => {
      // Many of one value, some of none.
      const parent = await tell(Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`r${i}`, { metrics: i % 4 === 0 ? {} : { loss: i % 3 }, tags: i % 2 === 0 ? {} : { group: i % 3 === 0 ? 'a' : 'B' } }])));
      const whole = await find(parent, { orderBy, filter });
      const fitting = filter.includes('tags.group') ? 11 : 23;
      expect(new Set(whole).size).toBe(fitting);
      const paged: string[] = [];
      for (let pageToken = '', more = true; more; ) {
        const { runs, nextPageToken, totalSize } = await at.registry.listRuns({ parent, orderBy, filter, pageSize: 5, pageToken });
        expect(totalSize).toBe(fitting);
        paged.push(...names(runs));
        pageToken = nextPageToken;
        more = nextPageToken !== '';
      }
      expect(paged).toEqual(whole);
      for (const skip of [0, 1, 10, 11, 16, 17, 18, 22, 23, 40]) {
        const { runs, totalSize } = await at.registry.listRuns({ parent, orderBy, filter, skip, pageSize: 4 });
        expect([names(runs), totalSize]).toEqual([whole.slice(skip, skip + 4), fitting]);
      }
      const first = await at.registry.listRuns({ parent, orderBy, filter, pageSize: 5 });
      expect(names((await at.registry.listRuns({ parent, orderBy, filter, pageSize: 5, skip: 3, pageToken: first.nextPageToken })).runs)).toEqual(whole.slice(8, 13));
    });

    it('are sent with the columns that are asked for alone', async () => {
      const parent = await story();
      const { runs: [, , quick] } = await at.registry.listRuns({ parent, columns: ['metrics.auc', 'params.solver', 'tags.none'] });
      expect(quick).toMatchObject({ displayName: 'quick', params: { solver: 'sgd' }, metrics: { auc: 0.9 }, tags: {}, state: Run_State.SUCCEEDED });
      await expect(at.registry.listRuns({ parent, columns: ['state'] })).rejects.toThrow('"state" is no column; give one such as metrics.auc');
    });

    it('say what they have values of', async () => {
      const parent = await tell({ a: { params: { 'b c': '1', z: '2' }, metrics: { 'trees.auc': 1 } }, b: { params: { z: '3' }, tags: { 'say "hi"': 'x' } } });
      const { runColumns } = await at.registry.listRunColumns({ parent });
      expect(runColumns).toEqual([
        { column: 'params."b c"', kind: RunColumn_Kind.PARAM, key: 'b c' },
        { column: 'params.z', kind: RunColumn_Kind.PARAM, key: 'z' },
        { column: 'metrics.trees.auc', kind: RunColumn_Kind.METRIC, key: 'trees.auc' },
        { column: 'tags."say \\"hi\\""', kind: RunColumn_Kind.TAG, key: 'say "hi"' },
      ]);
      for (const { column } of runColumns) expect(await find(parent, { filter: `${column}:*` })).not.toEqual([]);
      const first = await at.registry.listRunColumns({ parent, pageSize: 3 });
      const second = await at.registry.listRunColumns({ parent, pageSize: 3, pageToken: first.nextPageToken });
      expect([...first.runColumns, ...second.runColumns]).toEqual(runColumns);
      await expect(at.registry.listRunColumns({ parent: 'experiments/none' })).rejects.toMatchObject({ reason: 'EXPERIMENT_NOT_FOUND' });
    });

    it.each([
      ['owner=me', 'wrong at character 1, at "owner=me": "owner" is no field; give state, display_name, start_time, end_time, params.<name>'],
      ['state=RUNNING AND state=running', 'wrong at character 19, at "state=running": a state is one of RUNNING, SUCCEEDED, FAILED, CANCELLED'],
      ['state=RUNNING OR state=FAILED', 'wrong at character 15, at "OR state=FAILED": terms are joined by AND'],
      ['state=RUNNING AND ', 'wrong at character 19, at "": a term is a field'],
      ['metrics.auc > high', 'a metric is compared with a number'],
      ['metrics.auc : 1', 'a text is looked for in params'],
      ['start_time > yesterday', 'a time is written as'],
      ['metrics.auc >', 'a term is a field'],
      ['tags.owner = "Ada', 'a value with spaces stands in double quotes'],
      [Array.from({ length: 21 }, () => 'metrics.a > 1').join(' AND '), 'at most 20 terms'],
    ])('are not found by %s, and the place is named', async (filter, why) => {
      await expect(story().then((parent) => at.registry.listRuns({ parent, filter }))).rejects.toThrow(why);
    });

    it('are sorted by what they have', async () => {
      const parent = await tell({});
      await expect(at.registry.listRuns({ parent, orderBy: 'auc' })).rejects.toThrow('order_by cannot be "auc": give one of state, display_name');
      await expect(at.registry.listRuns({ parent, skip: -1 })).rejects.toThrow('skip is -1');
    });
  });
}
