export { day, flightsCsv, LAST_DAY, lateFile } from './late-flights.js';
export { healthOf, reflectionOf } from './stranger-client.js';
