import { canonicalJson } from '@millrace/core';
import { expect } from 'vitest';
import { CONTRACTS, type DeclaredRpc, rpcsOf } from '../completeness/contracts.js';
import { row } from '../world/rows.js';
import { hour } from '../world/trips.js';
import type { World } from '../world/world.js';
import type { Case } from './case.js';
import { asks, refusalOf } from './names.cases.js';

/** What a list is asked for beside its page: something of which there are two at least. */
type Scope = (world: World) => Promise<object>;

const nothing: Scope = async () => ({});

/** Of what each list must have two rows, and a filter that leaves some. */
const LISTS: Readonly<Record<string, { readonly scope: Scope; readonly filter?: string; readonly byName?: true }>> = {
  'IngestionService/ListDatasets': { scope: nothing, filter: 'name=datasets/known', byName: true },
  'IngestionService/ListDatasetVersions': { scope: async (world) => ({ parent: (await world.dirty()).dataset }) },
  'IngestionService/ListQuarantinedRows': { scope: async (world) => ({ parent: (await world.dirty()).version }) },
  'IngestionService/ListDuplicateRows': { scope: async (world) => ({ parent: (await world.dirty()).version }) },
  'IngestionService/ListLedgerEntries': { scope: async (world) => ({ parent: (await world.dirty()).version }) },
  'IngestionService/ListIngestionRuns': { scope: nothing, filter: 'state=SUCCEEDED' },
  'DeadLetterService/ListDeadLetters': { scope: async (world) => (await world.lostLetters(), {}), filter: 'state=RETRIED' },
  'FeatureStoreService/ListEntities': { scope: nothing, filter: 'owner=harbour', byName: true },
  'FeatureStoreService/ListFeatureViews': { scope: nothing, filter: 'entity=entities/nobody', byName: true },
  'FeatureStoreService/ListFeatureViewVersions': { scope: async (world) => ({ parent: (await world.catalogued()).view }) },
  'FeatureStoreService/ListFeatureServices': { scope: nothing, filter: 'tag=domain:nothing', byName: true },
  'FeatureStoreService/ListTrainingSets': { scope: nothing, filter: 'state=SUCCEEDED' },
  'FeatureStoreService/ListMaterializations': { scope: nothing, filter: 'state=SUCCEEDED' },
  'FeatureStoreService/ListSourceRows': { scope: async (world) => ({ featureService: (await world.trips()).service, feature: 'origin_flights', keys: row({ origin: 'ATL' }), time: hour(12) }) },
  'TrainerService/ListTrainingJobs': { scope: nothing, filter: 'state=SUCCEEDED' },
  'TrainerService/ListEvaluations': { scope: nothing, filter: 'training_job=trainingJobs/nobody' },
  'RegistryService/ListExperiments': { scope: nothing, byName: true },
  'RegistryService/ListRuns': { scope: async (world) => ({ parent: (await world.experiment()).experiment }), filter: 'state=RUNNING' },
  'RegistryService/ListRunColumns': { scope: async (world) => ({ parent: (await world.experiment()).experiment }) },
  'RegistryService/ListMetricPoints': { scope: async (world) => ({ parent: (await world.experiment()).run, key: 'loss' }) },
  'RegistryService/ListModels': { scope: nothing, byName: true },
  'RegistryService/ListModelVersions': { scope: async (world) => ({ parent: (await world.model()).model }) },
  'RegistryService/ListAliases': { scope: async (world) => ({ parent: (await world.model()).model }), byName: true },
  'InferenceService/ListEndpoints': { scope: nothing, byName: true },
  'InferenceService/ListPredictions': { scope: async (world) => ({ parent: (await world.asked()).endpoint }) },
  'MonitorService/ListMonitors': { scope: nothing, byName: true },
  'MonitorService/ListReports': { scope: async (world) => ({ parent: (await world.watched()).monitor }) },
  'MonitorService/ListAlerts': { scope: nothing, filter: 'state=OPEN' },
  'PipelinesService/ListPipelines': { scope: nothing, byName: true },
  'PipelinesService/ListPipelineVersions': { scope: async (world) => ({ parent: (await world.late()).pipeline }) },
  'PipelinesService/ListPipelineRuns': { scope: nothing, filter: 'state=SUCCEEDED' },
  'PipelinesService/ListStepLogLines': { scope: async (world) => ({ parent: (await world.late()).run.name }) },
  'PipelinesService/ListTriggers': { scope: async (world) => ({ parent: (await world.late()).pipeline }), byName: true },
  'PipelinesService/ListFirings': { scope: nothing, filter: 'decision=HELD' },
};

interface Page {
  readonly nextPageToken: string;
  readonly rows: readonly string[];
}

/** A page of any list: its rows by name, or whole where they have none. */
function pageOf(answer: unknown): Page {
  const { nextPageToken, ...lists } = answer as { readonly nextPageToken: string } & Readonly<Record<string, readonly { readonly name?: string }[]>>;
  const [rows = []] = Object.values(lists as Readonly<Record<string, readonly { readonly name?: string }[]>>);
  return { nextPageToken, rows: rows.map((row) => row.name ?? canonicalJson(row)) };
}

const pageCases = (rpc: DeclaredRpc, scope: Scope, byName: boolean): readonly Case[] => [
  {
    title: `${rpc.rpc} gives every row once, page by page`,
    run: async (home, world) => {
      const [ask, asked] = [asks(home, rpc), await scope(world)];
      const whole = pageOf(await ask({ ...asked, pageSize: 1000 }));
      const walked: string[] = [];
      let token = '';
      do {
        const page = pageOf(await ask({ ...asked, pageSize: 1, pageToken: token }));
        expect(page.rows.length).toBe(1);
        walked.push(...page.rows);
        token = page.nextPageToken;
      } while (token !== '' && walked.length < whole.rows.length + 5);
      expect(whole.rows.length).toBeGreaterThan(1);
      // What is made meanwhile stands at the head of a list of the newest.
      expect(walked).toEqual(whole.rows.slice(-walked.length));
      expect(walked.length).toBe(whole.rows.length);
      if (byName) expect(whole.rows).toEqual([...whole.rows].sort());
    },
  },
  {
    title: `${rpc.rpc} refuses a page that it did not offer`,
    run: async (home, world) => {
      const [ask, asked] = [asks(home, rpc), await scope(world)];
      for (const pageToken of ['nonsense', '!', btoa('p1:x'), `${btoa('x')}=`]) expect(await refusalOf(ask({ ...asked, pageToken }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_PAGE_TOKEN', metadata: { token: pageToken } });
      expect(await refusalOf(ask({ ...asked, pageSize: -1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_PAGE_SIZE', metadata: { size: '-1' } });
    },
  },
];

const filterCases = (rpc: DeclaredRpc, scope: Scope, filter: string): readonly Case[] => [
  {
    title: `${rpc.rpc} filters, and refuses a filter over what it does not have`,
    run: async (home, world) => {
      const [ask, asked] = [asks(home, rpc), await scope(world)];
      const [some, all] = [pageOf(await ask({ ...asked, filter, pageSize: 1000 })), pageOf(await ask({ ...asked, pageSize: 1000 }))];
      expect(all.rows).toEqual(expect.arrayContaining([...some.rows]));
      expect(some.rows.length).toBeLessThan(all.rows.length);
      for (const wrong of ['colour=me', 'state', '=', `${filter} OR ${filter}`]) expect(await refusalOf(ask({ ...asked, filter: wrong }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FILTER' });
    },
  },
  {
    title: `${rpc.rpc} refuses to go on with another filter than it began with`,
    run: async (home, world) => {
      const [ask, asked] = [asks(home, rpc), await scope(world)];
      const { nextPageToken } = pageOf(await ask({ ...asked, pageSize: 1 }));
      expect(await refusalOf(ask({ ...asked, pageSize: 1, pageToken: nextPageToken, filter }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_PAGE_TOKEN' });
    },
  },
];

const lists = rpcsOf(CONTRACTS).filter(({ fields }) => fields.has('pageToken'));

/** For every List. */
export const listCases: readonly Case[] = lists.flatMap((rpc) => {
  const { scope, filter, byName } = LISTS[rpc.rpc] ?? { scope: nothing };
  return [...pageCases(rpc, scope, byName ?? false), ...(filter === undefined ? [] : filterCases(rpc, scope, filter))];
});
