import type { LateFlightsRow } from './late-flights.js';

/** What is known of a flight before it leaves. Airports and their types come from the signature of the model: one that it has not seen does not compile. */
export type Flight = Required<Pick<LateFlightsRow, 'origin' | 'destination' | 'distance'>>;

/** The busiest routes of the data; distances in miles. */
export const FLIGHTS: readonly Flight[] = [
  { origin: 'PHX', destination: 'LAX', distance: 370 },
  { origin: 'SFO', destination: 'LAX', distance: 337 },
  { origin: 'MSP', destination: 'ORD', distance: 334 },
  { origin: 'DFW', destination: 'ORD', distance: 802 },
  { origin: 'LAX', destination: 'ORD', distance: 1_745 },
  { origin: 'ATL', destination: 'DFW', distance: 732 },
  { origin: 'ORD', destination: 'BOS', distance: 867 },
  { origin: 'DEN', destination: 'DFW', distance: 641 },
];
