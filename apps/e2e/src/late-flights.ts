const DAYS = 40;
const A_DAY = 50;
const AIRPORTS = ['ATL', 'JFK', 'ORD', 'SEA'];
const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2001, 0, 1);

/** A day of the story, counted from its first. */
export const day = (number: number): Date => new Date(BEGIN + number * DAY_MS);

/** The last day that the flights reach. */
export const LAST_DAY = DAYS;

/** Forty days of flights: long ones and those from ORD are late more often. The same every time. */
export function flightsCsv(): string {
  const rows = ['date,delay,distance,origin'];
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let i = 0; i < DAYS * A_DAY; i++) {
    const date = new Date(BEGIN + Math.floor((i * DAY_MS) / A_DAY)).toISOString().slice(0, 19);
    const [distance, origin] = [100 + Math.floor(random() * 2_400), AIRPORTS[Math.floor(random() * 4)] ?? ''];
    const late = random() < 0.1 + 0.25 * (distance / 2_500) + (origin === 'ORD' ? 0.4 : 0);
    rows.push(`${date},${late ? 16 + Math.floor(random() * 60) : Math.floor(random() * 15) - 10},${distance},${origin}`);
  }
  return `${rows.join('\n')}\n`;
}

/** Data, features, training and release of a pipeline over those flights, which lie beside its file. */
const FLIGHTS_TO_ENDPOINT = `sources:
  flights:
    path: flights.csv
    contract:
      event_time: date
      columns:
        date: { type: TIMESTAMP, required: true }
        delay: { type: INT64, required: true }
        distance: { type: INT64, required: true }
        origin: { type: STRING, required: true }
entities:
  airport: { join_keys: { airport: STRING } }
feature_views:
  departures:
    entity: airport
    source: flights
    keys: { airport: origin }
    event_time: date
    knowledge_time: { delay: 1h, terms: { delay: 1m } }
    tile: 1h
    ttl: 30d
    derive: { late: { column: delay, greater_than: 15 } }
    features: { late_share: { mean: late, window: 168h } }
feature_services:
  late: [{ view: departures, prefix: origin_, keys: { airport: origin } }]
training:
  spine: flights
  features: late
  labels: { late: { column: delay, greater_than: 15 } }
  target: late
  split: { evaluate: 10d, train: 28d }
plan:
  steps:
    - dateparts: { column: date, parts: [hour] }
  features: [hour, distance, origin_late_share]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: trees, estimator: trees, params: { trees: 20, leaves: 8 } }
gate:
  better_than: [{ baseline: dummy, metric: log_loss, by: 0 }]
register: { model: late }
endpoint: { name: late }
`;

/** The file of such a pipeline; `watch` says how it is monitored and what starts it. */
export const lateFile = ({ description, watch }: { readonly description?: string; readonly watch: string }): string =>
  `millrace: 1\npipeline: late\n${description === undefined ? '' : `description: ${description}\n`}${FLIGHTS_TO_ENDPOINT}${watch}`;
