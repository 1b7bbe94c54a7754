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

/** A pipeline with every kind of step and of trigger; its data lie beside it. */
export const LATE_FILE = `millrace: 1
pipeline: late
sources:
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
monitor: { name: late, window: 7d, drift: { ignore: [date] }, performance: { metric: auc, at_least: 0.55 } }
triggers:
  new-data: { on: new_data }
  drift: { on: drift }
  performance: { on: performance }
  yearly: { schedule: '0 0 1 1 *' }
guards: { cooldown: 7d }
`;

/** A month of orders, one an hour: large ones tend to be late. */
export function ordersCsv(): string {
  const rows = ['placed,amount,delay'];
  let state = 7;
  for (let hour = 0; hour < 24 * 30; hour++) {
    // A linear congruential generator (Numerical Recipes), so that no figure hangs on the machine.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const amount = state % 1_000;
    rows.push(`${new Date(BEGIN + hour * 3_600_000).toISOString()},${amount},${Math.round(amount / 25) + ((state >>> 16) % 40) - 20}`);
  }
  return `${rows.join('\n')}\n`;
}

/** A pipeline over data that somebody else ingests: whenever they come, it trains, registers and deploys. */
export const ORDERS_FILE = `millrace: 1
pipeline: orders
sources:
  orders:
    contract: { event_time: placed }
training:
  spine: orders
  labels: { late: { column: delay, greater_than: 15 } }
  target: late
  split: { evaluate: 8d, train: 20d }
plan:
  features: [amount]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: logistic, estimator: logistic }
register: { model: orders }
endpoint: { name: orders }
triggers:
  new-data: { on: new_data }
`;
