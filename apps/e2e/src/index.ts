export { healthOf, reflectionOf } from './stranger-client.js';
