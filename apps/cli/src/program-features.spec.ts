import { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureStoreServiceDefinition, type ServedVector } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { DerivedColumn_Comparison, Feature_Aggregation, FeatureView, FeatureViewVersion } from '@millrace/contracts/millrace/features/v1/feature_view';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { LoggedPrediction } from '@millrace/contracts/millrace/inference/v1/prediction';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { AppError } from '@millrace/core';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from './terminal.fixture.js';

const hours = (count: number) => ({ seconds: BigInt(count * 3_600), nanos: 0 });
const view = FeatureView.fromPartial({
  name: 'featureViews/departures', version: 2, entity: 'entities/airport', dataset: 'datasets/flights', joinKeyColumns: { airport: 'origin' }, eventTimeColumn: 'date', owner: 'ann', tags: { domain: 'air', core: '' },
  knowledgeTime: { delay: hours(0.5), terms: [{ column: 'distance' }] }, tile: hours(1), ttl: hours(48), derivedColumns: [{ name: 'late', source: 'delay', comparison: DerivedColumn_Comparison.GREATER, threshold: 15 }],
  features: [{ name: 'late_share', column: 'late', aggregation: Feature_Aggregation.MEAN, window: hours(3) }, { name: 'last', column: 'delay', aggregation: Feature_Aggregation.LATEST }],
  freshness: { materializeTime: new Date('2001-04-09T00:00:00Z'), datasetVersion: 'datasets/flights/versions/3', knownBefore: new Date('2001-04-01T00:00:00Z'), pushedThrough: new Date('2001-04-08T12:30:00Z') },
});
const onDemand = FeatureView.fromPartial({
  name: 'featureViews/pace', version: 1, description: 'of a flight', features: [{ name: 'a_mile', type: ColumnType.FLOAT64, formula: 'from_late_share / distance' }],
  onDemand: { requestColumns: [{ name: 'distance', type: ColumnType.INT64 }], features: [{ featureView: 'featureViews/departures', prefix: 'from_', keyColumns: { airport: 'origin' } }] },
});
const filters: string[] = [];
const checked: (readonly string[])[] = [];
const logged = (number: number): LoggedPrediction => LoggedPrediction.fromPartial({ inputs: ['share'], record: { id: `p${number}`, eventTime: new Date(Date.UTC(2001, 3, 1) - number * 1_000), inputs: [{ kind: { $case: 'float64Value', value: number === 700 ? 0.75 : 0.5 } }] } });
const features: Parameters<typeof standIn<typeof FeatureStoreServiceDefinition>>[1] = {
  listFeatureViews: async ({ filter }) => (filters.push(filter), { featureViews: filter.includes('bob') ? [] : filter.includes('old') ? [{ ...view, freshness: view.freshness && { ...view.freshness, outdated: true } }, onDemand] : [view], nextPageToken: '' }),
  getFeatureView: async ({ name }) => (name === onDemand.name ? onDemand : view),
  listFeatureViewVersions: async () => ({
    featureViewVersions: [view, { ...view, ttl: hours(24), derivedColumns: [] }, { ...view, ttl: hours(24), derivedColumns: [], features: view.features.slice(0, 1).map((feature) => ({ ...feature, window: hours(6) })) }].map((each, i) =>
      FeatureViewVersion.fromPartial({ name: `featureViews/departures/versions/${3 - i}`, featureView: each, createTime: new Date(Date.UTC(2001, 3, 9 - i)) }),
    ),
    nextPageToken: '',
  }),
  listFeatureServices: async ({ filter }) => ({ featureServices: filter === 'feature_view=featureViews/departures' ? [FeatureService.fromPartial({ name: 'featureServices/late', endpoints: ['endpoints/late', 'endpoints/trial'] })] : [], nextPageToken: '' }),
  deleteFeatureService: async ({ name }) => {
    throw new AppError('FAILED_PRECONDITION', 'features.millrace', 'DEFINITION_IN_USE', `${name} is used by endpoints/late and cannot be deleted.`, { name });
  },
  deleteFeatureView: async () => ({}),
  getFeatureService: async ({ name }) => FeatureService.fromPartial({ name, features: [{ featureView: 'featureViews/departures' }] }),
  checkFeatures: async (requests) => {
    let all: readonly ServedVector[] = [];
    for await (const { vectors } of requests) all = [...all, ...vectors];
    checked.push(all.map(({ id }) => id));
    const wrong = all.filter(({ values }) => values?.values['share']?.kind?.value !== 0.5);
    return { vectors: BigInt(all.length), values: BigInt(all.length), mismatches: BigInt(wrong.length), datasetVersions: ['datasets/flights/versions/3'], features: [{ feature: 'share', values: BigInt(all.length), mismatches: BigInt(wrong.length), example: wrong.length === 0 ? '' : `${wrong[0]?.id} was served 0.75, history says 0.5` }] };
  },
};

let home: Home;
beforeAll(async () => {
  home = await startHome([
    standInService([
      standIn(FeatureStoreServiceDefinition, features),
      standIn(IngestionServiceDefinition, { getDatasetVersion: async ({ name }) => DatasetVersion.fromPartial({ name, eventTimeMax: new Date(Date.UTC(2001, 3, 1) - 5_000) }) }),
      standIn(InferenceServiceDefinition, {
        getEndpoint: async ({ name }) => Endpoint.fromPartial({ name, featureService: name === 'endpoints/bare' ? '' : 'featureServices/late' }),
        listPredictions: async ({ pageSize, pageToken }) => {
          const start = Number(pageToken || 0);
          const end = Math.min(start + pageSize, 1_000);
          return { predictions: Array.from({ length: end - start }, (_, i) => logged(start + i)), nextPageToken: end < 1_000 ? String(end) : '' };
        },
      }),
    ]),
  ]);
});
afterAll(() => home.close());
const ask = (line: string) => run(`${line} --address ${home.grpcAddress}`);

it('feature views are a catalogue: what there is, who uses it, how new it is', async () => {
  const { out } = await ask('feature list --owner ann --tag domain:air --entity airport --text dep');
  expect(filters.at(-1)).toBe('owner="ann" AND tag="domain:air" AND entity="entities/airport" AND text="dep"');
  expect(out.split('\n').map((text) => text.replace(/ {2,}/g, '|')).slice(0, 2)).toEqual([
    'VIEW|VERSION|ENTITY|SOURCE|FEATURES|OWNER|TAGS|FILLED FROM|FILLED (UTC)|PUSHED THROUGH (UTC)|DESCRIPTION',
    'departures|2|airport|flights|2|ann|core, domain:air|flights 3|2001-04-09 00:00|2001-04-08 12:30',
  ]);
  expect((await ask('feature list --text old')).out.split('\n').map((text) => text.replace(/ {2,}/g, '|')).slice(1, 3)).toEqual(['departures|2|airport|flights|2|ann|core, domain:air|nothing: outdated|2001-04-09 00:00|2001-04-08 12:30', 'pace|1|on demand|1|of a flight']);
  expect((await ask('feature list --owner bob')).out).toBe('There is no feature view of this kind.\n');
  expect((await ask('features show departures')).out).toBe(
    [
      'Feature view departures',
      '  version   2',
      '  entity    airport by airport in origin',
      '  source    flights',
      '  true at   date',
      '  known at  date + 30 min + distance',
      '  lives     2 d',
      '  tile      1 h',
      '  owner     ann',
      '  tags      core, domain:air',
      '  filled    2001-04-09 00:00 UTC from flights 3, with all that was known before 2001-04-01 00:00',
      '  pushed    rows known up to 2001-04-08 12:30 UTC',
      '',
      'FEATURE     AGGREGATION  OF          WINDOW',
      'late_share  mean         delay > 15     3 h',
      'last        latest       delay',
      '',
      'Used by',
      'SERVICE  ENDPOINTS',
      'late     late, trial',
      '',
      'Next: millrace feature versions departures',
      '',
    ].join('\n'),
  );
  expect((await ask('feature show pace')).out).toBe(
    [
      'Feature view pace: of a flight',
      '  version   1',
      '  asks for  distance INT64',
      '  reads     all of departures as from_… by airport in origin',
      '  computed  when it is asked for; the views that it reads hold the values',
      '',
      'FEATURE  TYPE     FORMULA',
      'a_mile   FLOAT64  from_late_share / distance',
      '',
      'Used by',
      'No feature service; it can be deleted unless a view on demand reads it.',
      '',
    ].join('\n'),
  );
  expect(JSON.parse((await ask('feature show departures --json')).out)).toMatchObject({ featureView: { name: 'featureViews/departures', owner: 'ann' }, featureServices: [{ endpoints: ['endpoints/late', 'endpoints/trial'] }] });
});

it('what an endpoint served is held against history, as far as that reaches, and a difference fails', async () => {
  const whole = await ask('feature check late --sample 600');
  expect(whole).toEqual({ code: 0, err: '', out: ['600 predictions, 600 feature values, history of flights 3: all as history says', '5 predictions of a time that history does not reach yet were passed over.', 'FEATURE  VALUES  MISMATCHES  FIRST', 'share       600           0', ''].join('\n') });
  expect(checked.at(-1)?.slice(0, 1).concat(checked.at(-1)?.slice(-1) ?? [])).toEqual(['p5', 'p604']);
  const { code, out } = await ask('feature check late');
  expect(code).toBe(1);
  expect(out).toContain('995 predictions, 995 feature values, history of flights 3: 1 mismatch\n');
  expect(out).toContain('share       995           1  p700 was served 0.75, history says 0.5');
  expect(JSON.parse((await ask('feature check late --json')).out)).toMatchObject({ mismatches: '1', later: 5, features: [{ feature: 'share' }] });
  expect(await ask('feature check bare')).toMatchObject({ code: 1, err: 'Error: endpoints/bare serves without a feature service: there are no features to check.\n' });
  expect((await ask('feature check late --sample 0')).code).toBe(2);
});

it('versions of a feature view say what each changed, and two of them what differs', async () => {
  expect((await ask('feature versions departures')).out).toBe(
    [
      'VERSION  SINCE (UTC)       CHANGED',
      '      3  2001-04-09 00:00  lives: 1 d → 2 d; derived late is new: delay > 15',
      '      2  2001-04-08 00:00  feature late_share: mean of late over 6 h → mean of late over 3 h; feature last is new: latest of delay',
      '      1  2001-04-07 00:00  the first',
      '',
    ].join('\n'),
  );
  expect((await ask('feature versions departures --limit 1')).out).toContain('derived late is new: delay > 15\n… and more; --limit 5 shows them.\n');
  const { featureViewVersions } = JSON.parse((await ask('feature versions departures --json')).out) as { readonly featureViewVersions: readonly { readonly changes: unknown }[] };
  expect(featureViewVersions.map(({ changes }) => changes)).toEqual([[{ part: 'lives', was: '1 d', is: '2 d' }, { part: 'derived late', was: '', is: 'delay > 15' }], expect.any(Array), []]);
  expect((await ask('feature diff departures v1 3')).out).toBe(
    [
      'Feature view departures, version 1 → 3: 4 parts changed',
      '',
      'PART                WAS                    IS',
      'lives               1 d                    2 d',
      'feature late_share  mean of late over 6 h  mean of late over 3 h',
      'derived late                               delay > 15',
      'feature last                               latest of delay',
      '',
    ].join('\n'),
  );
  expect(await ask('feature diff departures 1 9')).toMatchObject({ code: 2, err: 'Error: featureViews/departures has no version 9; it has: 3, 2, 1.\n' });
});

it('a feature view is deleted by its short name, and what is used says so', async () => {
  expect(await ask('feature delete departures')).toEqual({ code: 0, out: 'featureViews/departures is deleted.\n', err: '' });
  expect(await ask('feature delete featureServices/late')).toEqual({ code: 1, out: '', err: 'Error: featureServices/late is used by endpoints/late and cannot be deleted.\n' });
  expect((await ask('feature delete models/late')).code).toBe(2);
});
