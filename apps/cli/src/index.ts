export { clusterHome } from './demo/cluster-home.js';
export type { DemoHome } from './demo/demo-home.js';
export { type DemoPlan, WHOLE_STORY } from './demo/demo-plan.js';
export { type DemoResult, runDemo } from './demo/run-demo.js';
