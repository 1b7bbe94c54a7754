import { Run_State } from '@millrace/contracts/millrace/registry/v1/experiment';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';
import { madeOnce } from './home.mjs';

/** An experiment with so many runs, each with so many params and as many metrics. */
export const RUNS = 10_000;
export const EACH = 100;
export const EXPERIMENT = 'experiments/many';
const AT_ONCE = 8;
const SOLVERS = ['adam', 'adamw', 'sgd', 'lbfgs'];

/** A home with the experiment, made once by the API, and copied for whoever asks. */
export function homeOfRuns(name, say) {
  return madeOnce(`runs-${RUNS}-${EACH}`, name, (home) => {
    say(`logging ${RUNS.toLocaleString('en-US')} runs once`);
    return fill(home);
  });
}

async function fill({ grpc }) {
  const registry = connect(RegistryServiceDefinition, grpc);
  try {
    await registry.createExperiment({ experiment: { name: EXPERIMENT } });
    let next = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let i = next++; i < RUNS; i = next++) await log(registry, i);
    }));
  } finally {
    registry.close();
  }
}

/** A run like those of a search over parameters: metrics that hang on them, one in twenty missing, one in thirty runs failed. */
async function log(registry, i) {
  const draw = randomFrom(i + 1);
  const params = Object.fromEntries(Array.from({ length: EACH }, (_, p) => [`param_${p}`, p === 0 ? SOLVERS[i % SOLVERS.length] : String(Number((draw() * 10 ** ((p % 4) - 2)).toPrecision(4)))]));
  const { name } = await registry.createRun({ parent: EXPERIMENT, run: { displayName: `trial ${i}`, params, tags: { owner: i % 7 === 0 ? 'ada' : 'ben' } } });
  const metrics = Array.from({ length: EACH }, (_, m) => m).filter((m) => m === 0 || draw() > 0.05);
  await registry.logRun({ name, metrics: metrics.map((m) => ({ key: `metric_${m}`, step: 1n, value: Math.sin(Number(params[`param_${(m % 9) + 1}`]) + m) + draw() })) });
  await registry.finishRun({ name, state: i % 30 === 29 ? Run_State.FAILED : Run_State.SUCCEEDED });
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
