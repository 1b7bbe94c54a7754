/** The name of everything in the file: pipeline, model, endpoint, monitor. */
export const NAME = 'late-flights';
/** The views that live rows are pushed to, with the column of the flight that is their key. */
export const VIEWS = { departures: 'origin', arrivals: 'destination' };
/** The dataset that new data are added to. */
export const DATASET = 'flights';
/** Longer than the story, so that no row leaves it: what it counts must be all rows that ever came. */
export const COUNT_WINDOW_DAYS = 30;

const view = (name, key) => `
  ${name}:
    entity: airport
    source: ${DATASET}
    keys: { airport: ${key} }
    event_time: date
    knowledge_time: { delay: 30m, terms: { distance: 7.5s, delay: 1m } }
    tile: 1h
    ttl: 60d
    derive:
      late: { column: delay, greater_than: 15 }
    features:
      late_share_24h: { mean: late, window: 24h }
      mean_delay_24h: { mean: delay, window: 24h }
      flights_all: { count: true, window: ${COUNT_WINDOW_DAYS * 24}h }`;

/**
 * The flights' pipeline in small: every kind of step, few trees, a gate that lets every challenger pass and guards that let every batch of
 * new data through, so that each story registers and deploys several versions. The drift rule is so strict that every window breaks it.
 */
export const pipelineFile = (path) => `
millrace: 1
pipeline: ${NAME}
sources:
  ${DATASET}:
    path: ${path}
    mode: append
    contract:
      event_time: date
      extra_columns: fail
      max_quarantined_share: 0.02
      columns:
        date: { type: TIMESTAMP, required: true }
        delay: { type: INT64, required: true }
        distance: { type: INT64, required: true }
        origin: { type: STRING, required: true }
        destination: { type: STRING, required: true }
      expectations:
        possible-delay: { column: delay, range: { min: -90, max: 1800 }, severity: quarantine }
entities:
  airport: { join_keys: { airport: STRING } }
feature_views:${Object.entries(VIEWS).map(([name, key]) => view(name, key)).join('')}
feature_services:
  ${NAME}:
${Object.entries(VIEWS).map(([name, key]) => `    - { view: ${name}, prefix: ${key}_, keys: { airport: ${key} } }`).join('\n')}
training:
  spine: ${DATASET}
  features: ${NAME}
  labels:
    late: { column: delay, greater_than: 15 }
  target: late
  split: { evaluate: 2d, train: 6d }
  seed: 7
plan:
  steps:
    - dateparts: { column: date, parts: [hour, weekday] }
  features: [hour, weekday, distance, origin_late_share_24h, origin_mean_delay_24h, destination_late_share_24h, destination_mean_delay_24h]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: trees, estimator: trees, params: { trees: 8, leaves: 7, rate: 0.2 } }
gate:
  metrics:
    auc: { at_least: 0.01 }
register: { model: ${NAME}, alias: champion }
endpoint: { name: ${NAME} }
monitor:
  name: ${NAME}
  window: 12h
  lateness: 6h
  drift: { psi: 0.001, min_columns: 1 }
  performance: { metric: auc, at_least: 0.99, min_labels: 20 }
triggers:
  new-data: { on: new_data }
  drift: { on: drift }
  performance: { on: performance }
guards:
  cooldown: 1h
  min_new_labels: 50
`;
