export { openHome } from './home/open-home.js';
