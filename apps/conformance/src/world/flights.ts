import { day, lateFile } from '@millrace/e2e';

const BEGIN = day(0).getTime();

/** A pipeline with every kind of step and of trigger; its data lie beside it. */
export const LATE_FILE = lateFile({
  watch: `monitor: { name: late, window: 7d, drift: { ignore: [date] }, performance: { metric: auc, at_least: 0.55 } }
triggers:
  new-data: { on: new_data }
  drift: { on: drift }
  performance: { on: performance }
  yearly: { schedule: '0 0 1 1 *' }
guards: { cooldown: 7d }
`,
});

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
