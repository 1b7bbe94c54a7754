import type { Flights } from './flights.js';
import { HOUR_MS, type Traffic } from './traffic.js';

/** What happens between two hours of the replay. */
export interface ReplayOptions {
  readonly from: number;
  readonly to: number;
  /** Of so many flights one is asked for. */
  readonly every: number;
  readonly rowsARequest: number;
  /** Called at the start of every hour; the replay waits for it. */
  readonly onHour: (now: number) => Promise<void>;
}

/** Plays flights in the order of events: what has landed is pushed, what leaves is predicted, what was predicted and has landed is labelled. */
export async function replay(flights: Flights, traffic: Traffic, { from, to, every, rowsARequest, onHour }: ReplayOptions): Promise<void> {
  const landings = byHour(flights, flights.landing);
  const departures = byHour(flights, flights.departure);
  let turn = 0;
  for (let now = from; now < to; now += HOUR_MS) {
    await onHour(now);
    // Known before this hour began: the landings of the hour before.
    await traffic.push(landings.get(now / HOUR_MS - 1) ?? []);
    await traffic.tellLabels(now);
    const asked = (departures.get(now / HOUR_MS) ?? []).filter((row) => row % every === 0);
    const requests: Promise<void>[] = [];
    for (let start = 0; start < asked.length; start += rowsARequest) requests.push(traffic.predict(asked.slice(start, start + rowsARequest), turn++ % 2 === 0 ? 'rest' : 'grpc'));
    await Promise.all(requests);
  }
}

/** Rows by the hour of a time. */
function byHour({ count }: Flights, times: Float64Array): ReadonlyMap<number, readonly number[]> {
  const hours = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const hour = Math.floor((times[row] ?? 0) / HOUR_MS);
    const rows = hours.get(hour);
    if (rows) rows.push(row);
    else hours.set(hour, [row]);
  }
  return hours;
}
