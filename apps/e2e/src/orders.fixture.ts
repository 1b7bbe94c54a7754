const HOURS = 24 * 30;
const HOUR_MS = 3_600_000;
const START = Date.UTC(2001, 3, 1);

/** A month of orders, one an hour: large ones tend to be late. The same on every machine. */
export function ordersCsv(): string {
  const rows = ['placed,amount,delay'];
  let state = 7;
  for (let hour = 0; hour < HOURS; hour++) {
    // A linear congruential generator (Numerical Recipes), so that no figure hangs on the machine.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const amount = state % 1_000;
    const noise = (state >>> 16) % 40;
    rows.push(`${new Date(START + hour * HOUR_MS).toISOString()},${amount},${Math.round(amount / 25) + noise - 20}`);
  }
  return `${rows.join('\n')}\n`;
}

/** A pipeline over data that somebody else ingests: whenever they come, it trains, registers and deploys. */
export const ordersFile = (): string => `
millrace: 1
pipeline: orders
sources:
  orders:
    contract:
      event_time: placed
training:
  spine: orders
  labels:
    late: { column: delay, greater_than: 15 }
  target: late
  split: { evaluate: 8d, train: 20d }
plan:
  features: [amount]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: logistic, estimator: logistic }
register:
  model: orders
endpoint:
  name: orders
triggers:
  new-data: { on: new_data }
`;
