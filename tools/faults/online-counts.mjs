import { HOUR_MS, LIVE_FROM, LIVE_TO } from './flights-slice.mjs';
import { NAME, VIEWS } from './pipeline-file.mjs';

const AIRPORTS_A_CALL = 100;

/** For each view and airport how many flights the online features count, and how many came: those of history that had landed, and those that were pushed. */
export async function readOnlineCounts(link, { flights, pushes }) {
  const landed = flights.filter(({ departure, landing }) => departure < LIVE_FROM && landing < LIVE_FROM);
  const pushed = [...pushes.values()].flatMap((push) => push.flights);
  const came = Object.fromEntries(Object.entries(VIEWS).map(([view, key]) => [view, Map.groupBy([...landed, ...pushed], (flight) => flight[key])]));
  const airports = [...new Set(flights.flatMap(({ origin, destination }) => [origin, destination]))].sort();
  const found = [];
  for (let start = 0; start < airports.length; start += AIRPORTS_A_CALL) {
    const part = airports.slice(start, start + AIRPORTS_A_CALL);
    const keys = part.map((airport) => ({ values: Object.fromEntries(Object.values(VIEWS).map((key) => [key, { kind: { $case: 'stringValue', value: airport } }])) }));
    const { features, vectors } = await link.call('GetOnlineFeatures', (services) => services.features.getOnlineFeatures({ featureService: `featureServices/${NAME}`, keys, time: new Date(LIVE_TO + 48 * HOUR_MS) }));
    for (const [view, key] of Object.entries(VIEWS)) {
      const place = features.indexOf(`${key}_flights_all`);
      part.forEach((airport, i) => found.push({ view, airport, counted: Number(vectors[i].values[place]?.kind?.value ?? 0n), came: came[view].get(airport)?.length ?? 0 }));
    }
  }
  return found;
}
