export { eventually, type Home, type HomeOptions, startHome } from './home.js';
export { standIn } from './stand-in.js';
