import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { nearest } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fileJsonSchema } from './file-json-schema.js';
import { MAX_FILE_BYTES, parseFile } from './parse-file.js';

const FLIGHTS = readFileSync(new URL('../../../../examples/flights/millrace.yaml', import.meta.url), 'utf8');

const SMALL = `millrace: 1
pipeline: late
sources:
  flights:
    path: flights.csv
    contract:
      event_time: date
training:
  spine: flights
  target: late
  split: { evaluate: 31d, train: 59d }
plan:
  features: [distance]
ladder:
  - { name: dummy, estimator: dummy }
register: { model: late }
`;
/** Trained with a feature on demand of a column that no row of training has. */
const TRAINED = `${SMALL.replace('event_time: date', 'event_time: date\n      columns: { date: { type: TIMESTAMP }, distance: { type: INT64 } }').replace('  spine: flights', '  spine: flights\n  features: all')}on_demand_views:
  pace: { request: { miles: INT64 }, formulas: { x: miles / 2 } }
feature_services:
  all: [{ view: pace }]
`;
const without = (line: string) => SMALL.replace(new RegExp(`^ *${line}.*\n`, 'm'), '');
const more = (text: string) => SMALL + text;

describe('a pipeline file', () => {
  it('says the same whatever the order of its keys and whatever its comments', () => {
    const [first, ...others] = SMALL.split('\n').filter((line) => line !== '');
    const turned = `# a comment\nregister: { model: late }\n${[first, ...others.slice(0, -1)].join('\n')}\n`;
    expect(parseFile(turned).digest).toBe(parseFile(SMALL).digest);
    expect(parseFile(SMALL.replace('31d', '32d')).digest).not.toBe(parseFile(SMALL).digest);
    expect(parseFile(SMALL.replace('31d', '744h')).digest, 'a length of time is what it is, however it is written').toBe(parseFile(SMALL).digest);
  });

  it('has everything that it does not say at its default', () => {
    const { file } = parseFile(more('endpoint: { name: late }\nmonitor: { name: late, window: 7d }\ntriggers: { nightly: { schedule: "0 3 * * *" } }\n'));
    expect(file).toMatchObject({
      sources: { flights: { mode: 'append', contract: { key: [], keep: 'first', extra_columns: 'drop', max_quarantined_share: 0 } } },
      register: { alias: 'champion' },
      endpoint: { guard: { out_of_range: 'flag', unseen_category: 'flag', missing: 'flag' } },
      monitor: { window: 7 * 86_400e6, lateness: 0, quality: { missing_increase: 0.1, unseen_share: 0.05, ignore: [] } },
      guards: { cooldown: 0, min_new_labels: 0, max_concurrent: 1 },
    });
  });

  it.each([
    { why: 'a tab', source: 'millrace: 1\n\tpipeline: x\n', told: /^The pipeline file is no YAML: line 2, column \d+: / },
    { why: 'an open bracket', source: 'millrace: 1\npipeline: [x\n', told: /no YAML: line [23], column \d+: / },
    { why: 'a key twice', source: 'millrace: 1\nmillrace: 1\n', told: 'no YAML: line 2, column 1: Map keys must be unique' },
    { why: 'a bomb of references', source: `a: &a [x, x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f'].map((key, i) => `${key}: &${key} [${Array.from({ length: 10 }, () => `*${'abcde'[i]}`).join(', ')}]\n`).join('')}`, told: 'no YAML: line 1, column 1: ' },
    { why: 'too many bytes', source: `# ${'x'.repeat(MAX_FILE_BYTES)}`, told: `The pipeline file has ${MAX_FILE_BYTES + 2} bytes; at most ${MAX_FILE_BYTES} are read.` },
  ])('is refused for $why', ({ source, told }) => expect(() => parseFile(source)).toThrow(told));

  it.each([
    { source: SMALL.replace('ladder:', 'lader:'), told: 'line 14, lader: is not known here; did you mean ladder?' },
    { source: SMALL.replace('event_time:', 'event-time:'), told: 'line 7, sources.flights.contract.event-time: is not known here; did you mean event_time?' },
    { source: SMALL.replace('target:', 'zebra:'), told: 'line 10, training.zebra: is not known here; there are spine, features, labels, target, split' },
    { source: without('target'), told: 'line 8, training.target: is missing; give a text' },
    { source: without('register'), told: 'line 1, register: is missing; give a map' },
    { source: SMALL.replace('features: [distance]', 'features: distance'), told: 'line 13, plan.features: is a text; give a list' },
    { source: SMALL.replace('features: [distance]', 'features: [7]'), told: 'line 13, plan.features.0: is a number; give a text' },
    { source: SMALL.replace('millrace: 1', 'millrace: 2'), told: 'line 1, millrace: 2 is not 1' },
    { source: SMALL.replace('path: flights.csv', 'path: flights.csv\n    mode: apend'), told: 'line 6, sources.flights.mode: "apend" is not one of append, replace; did you mean append?' },
    { source: SMALL.replace('path: flights.csv', 'postgres: { connection: DB_URL, table: flights }\n    new_files_only: true'), told: 'line 4, sources.flights: has new_files_only only where it reads files: of a table say postgres.incremental' },
    { source: SMALL.replace('evaluate: 31d', 'evaluate: 31 days'), told: 'line 11, training.split.evaluate: must be a number and a unit, such as 90m, 24h or 7d' },
    { source: SMALL.replace('evaluate: 31d', 'evaluate: 0.2'), told: 'line 11, training.split.evaluate: a split by time takes a length of time, such as 7d' },
    { source: SMALL.replace(', train: 59d', ''), told: 'training.split.train: is missing; say how long before the evaluation training begins, such as 60d' },
    { source: SMALL.replace('evaluate: 31d', 'by: tiem, evaluate: 31d'), told: 'training.split.by: "tiem" is not one of time, group, random; did you mean time?' },
    { source: SMALL.replace('evaluate: 31d, train: 59d', 'by: group, evaluate: 0.2'), told: 'training.split.column: is missing; name the column of the group' },
    { source: SMALL.replace('evaluate: 31d, train: 59d', 'by: random, evaluate: 7d'), told: 'training.split.evaluate: a split by random takes a share between 0 and 1, such as 0.2' },
    { source: SMALL.replace('evaluate: 31d', 'by: random, evaluate: 0.2'), told: 'training.split.train: only a split by time takes it: all rows that do not evaluate train' },
    { source: SMALL.replace('evaluate: 31d, train: 59d', 'by: random, gap: 2d, evaluate: 0.2'), told: 'training.split.gap: only a split by time takes it' },
    { source: SMALL.replace('evaluate: 31d', 'seed: 7, evaluate: 31d'), told: 'training.split.seed: a split by time draws nothing' },
    { source: SMALL.replace('event_time: date', 'event_time: date\n      columns: { date: { type: TIMESTAMP } }').replace('  target: late', '  target: late\n  groups: [plane]'), told: 'training.groups.0: the source "flights" has no column "plane"' },
    { source: SMALL.replace('pipeline: late', 'pipeline: Late Flights'), told: 'line 2, pipeline: must start with a lower-case letter' },
    { source: SMALL.replace('  flights:\n', '  Flights:\n'), told: 'line 4, sources.Flights: the name "Flights" must start with a lower-case letter' },
    { source: SMALL.replace('spine: flights', 'spine: trains'), told: 'line 9, training.spine: there is no source "trains"' },
    { source: SMALL.replace('  spine: flights', '  spine: flights\n  features: all'), told: 'line 10, training.features: there is no feature service "all"' },
    { source: SMALL.replace('estimator: dummy }', 'estimator: dummy }\n  - { name: dummy, estimator: trees }'), told: 'line 16, ladder.1.name: two rungs are called "dummy"' },
    { source: more('monitor: { name: late, window: 7d }\n'), told: 'line 17, monitor: a monitor needs an endpoint' },
    { source: more('endpoint: { name: late }\nmonitor: { name: late, window: 7d, quality: { unseen_share: 0 } }\n'), told: 'line 18, monitor.quality.unseen_share: must be above 0; 1 turns this rule off' },
    { source: more('endpoint: { name: late }\nmonitor: { name: late, window: 7d, performance: { metric: auc, at_most: 0.7 } }\n'), told: 'monitor.performance: auc needs at_least; log_loss, brier and ece need at_most' },
    { source: more('triggers: { nightly: { schedule: every night } }\n'), told: 'line 17, triggers.nightly.schedule: must be a cron expression in UTC, such as 0 3 * * *' },
    { source: more('triggers: { nightly: { schedule: "0 3 * * *", on: drift } }\n'), told: 'line 17, triggers.nightly: must have exactly one of schedule, on' },
    { source: more('triggers: { nightly: { on: drfit } }\n'), told: 'triggers.nightly.on: "drfit" is not one of new_data, drift, performance; did you mean drift?' },
    { source: more('feature_views:\n  v:\n    entity: airport\n    source: flights\n    keys: { airport: origin }\n    event_time: date\n    features: { late: { mean: late } }\n'), told: 'line 23, feature_views.v.features.late: needs a window, except for latest, latest_present, previous and difference, which take none' },
    { source: more('feature_views:\n  v:\n    entity: airport\n    source: flights\n    keys: { airport: origin }\n    event_time: date\n    derive: { late: { column: delay } }\n    features: { late: { latest: late } }\n'), told: 'line 23, feature_views.v.derive.late: must have exactly one of greater_than, at_least' },
    { source: more('on_demand_views:\n  pace: { request: { distance: INT64 }, formulas: { x: distance / miles } }\n'), told: 'line 18, on_demand_views.pace.formulas.x: it reads "miles", which is neither a column of the request nor a feature that the view reads; there are distance' },
    { source: more('on_demand_views:\n  pace: { request: { distance: INT64 }, formulas: { x: distance / } }\n'), told: 'line 18, on_demand_views.pace.formulas.x: at character 11 of the formula: it ends where' },
    { source: more('on_demand_views:\n  pace:\n    reads: [{ view: departures }]\n    formulas: { x: origin }\n'), told: 'line 19, on_demand_views.pace.reads.0.view: there is no feature view "departures"' },
    { source: more('on_demand_views:\n  pace: { request: { distance: INT64 }, formulas: { x: distance } }\n  more: { reads: [{ view: pace }], formulas: { y: x } }\n'), told: 'line 19, on_demand_views.more.reads.0.view: "pace" is computed on demand itself; name the views that it reads' },
    { source: more('on_demand_views:\n  pace: { request: { distance: INT64 }, formulas: { x: distance || \'mi\' } }\n'), told: 'line 18, on_demand_views.pace.formulas.x: at character 1 of the formula: a text is needed and this is a number' },
    { source: TRAINED.replace('miles: INT64', 'distance: INT64').replaceAll('miles', 'distance').replace('distance: { type: INT64 }', 'distance: { type: STRING }'), told: 'on_demand_views.pace.request.distance: training takes it from the source "flights", where "distance" is STRING' },
    { source: TRAINED, told: 'on_demand_views.pace.request.miles: training takes it from the source "flights", which has no column "miles"' },
    { source: more('owner: two words\n'), told: 'line 17, owner: must be a name or an address of at most 128 characters without spaces' },
    { source: more('tags: { a b: c }\n'), told: 'line 17, tags.a b: the name "a b" must have 1 to 128 characters and no spaces' },
    { source: more('tags: { kind: two words }\n'), told: 'line 17, tags.kind: must be a text of at most 128 characters without spaces' },
    { source: more('feature_services:\n  all: [{ view: pace }]\n'), told: 'line 18, feature_services.all.0.view: there is no feature view "pace"' },
    { source: more('triggers: { drift: { on: drift } }\n'), told: 'line 17, triggers.drift.on: nothing would ever fire it; give the monitor a rule under monitor.drift' },
  ])('is refused, and $told', ({ source, told }) => expect(() => parseFile(source)).toThrow(told));

  it('is taken where training has what a formula reads of the request, under the name that the service gives it, and where no formula reads it', () => {
    expect(() => parseFile(TRAINED.replace('view: pace', 'view: pace, keys: { miles: distance }'))).not.toThrow();
    expect(() => parseFile(TRAINED.replace('request: { miles: INT64 }', 'request: { miles: INT64, distance: FLOAT64 }').replace('x: miles / 2', 'x: distance / 2'))).not.toThrow();
  });

  it('is told all of its faults at once, as many as a person reads', () => {
    const two = SMALL.replace('ladder:', 'lader:').replace('target: late', 'target: 7');
    expect(() => parseFile(two)).toThrow(/^The pipeline file is wrong in 3 places:\n {2}line 10, training\.target: is a number; give a text\n {2}line 1, ladder: is missing; give a list\n {2}line 14, lader: is not known here; did you mean ladder\?$/);
    expect(() => parseFile(SMALL.replace('  target: late', Array.from({ length: 30 }, (_, i) => `  zzzzzzzz${i}: 1`).join('\n')))).toThrow(/wrong in 31 places:(\n {2}line .*){20}\n {2}and 11 more$/);
    expect(() => parseFile('')).toThrow('The pipeline file is wrong in one place:\n  line 1, the file: is empty; give a map');
  });
});

describe('the JSON Schema of pipeline files', () => {
  /** Asks a validator that knows nothing of us. */
  async function refusalOf(file: unknown): Promise<string | undefined> {
    const server = fastify({ ajv: { customOptions: { strict: false, coerceTypes: false, removeAdditional: false, useDefaults: false } } });
    server.post('/', { schema: { body: fileJsonSchema() } }, async () => 'taken');
    const { statusCode, json } = await server.inject({ method: 'POST', url: '/', payload: file as object });
    await server.close();
    return statusCode === 200 ? undefined : (json() as { readonly message: string }).message;
  }

  it('takes the file of the example, as parsing does', async () => {
    expect(parseFile(FLIGHTS).file.pipeline).toBe('late-flights');
    expect(await refusalOf(parse(FLIGHTS))).toBeUndefined();
    expect(await refusalOf(parse(SMALL))).toBeUndefined();
  });

  it.each([
    { source: SMALL.replace('ladder:', 'lader:'), why: 'ladder' },
    { source: without('target'), why: "body/training must have required property 'target'" },
    { source: SMALL.replace('evaluate: 31d', 'evaluate: 31 days'), why: 'body/training/split/evaluate must match pattern' },
    { source: SMALL.replace('path: flights.csv', 'path: flights.csv\n    mode: apend'), why: 'body/sources/flights/mode must be equal to one of the allowed values' },
    { source: SMALL.replace('features: [distance]', 'features: 7'), why: 'body/plan/features must be array' },
  ])('refuses what parsing refuses: $why', async ({ source, why }) => {
    expect(() => parseFile(source)).toThrow();
    expect(await refusalOf(parse(source))).toContain(why);
  });

  it('says what each part is for', () => {
    const { properties = {} } = fileJsonSchema() as { readonly properties?: Readonly<Record<string, { readonly description?: string }>> };
    for (const [key, { description }] of Object.entries(properties)) expect(description, key).toMatch(/\w+ .*\.$/);
  });
});

describe('the nearest word', () => {
  it.each([['lader', 'ladder'], ['evnet_time', 'event_time'], ['TRAINING', 'training'], ['pln', 'plan']])('to %s is %s', (word, meant) => expect(nearest(word, ['plan', 'ladder', 'training', 'event_time'])).toBe(meant));
  it('is none where nothing is near', () => expect(nearest('zebra', ['plan', 'ladder'])).toBeUndefined());
});
