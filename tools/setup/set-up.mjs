import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { Stamp } from './stamp.mjs';
import { stepsOf } from './steps.mjs';

const SIGN_OF_LIFE_MS = 15_000;

/** Does what is not yet done, step by step, and tells `say` of it; throws a SetUpError and records nothing for a step that fails. Gives the number of steps done. */
export async function setUp(root, { steps = stepsOf(root), say = () => undefined } = {}) {
  const stamp = new Stamp(join(root, 'node_modules', '.millrace-setup.json'));
  if (steps.every((step) => isCurrent(step, stamp))) return 0;
  const lock = join(root, '.millrace', 'setup.lock');
  const onWait = (pid) => say(`Another set-up is at work (process ${pid}): waiting for it. If there is none, delete ${lock}.`);
  return withLock(lock, (onStart) => doSteps(steps, { stamp, say, onStart }), { onWait });
}

async function doSteps(steps, { stamp, say, onStart }) {
  let done = 0;
  for (const step of steps) {
    if (isCurrent(step, stamp)) continue;
    // Taken before the work: a change that comes while it runs is done by the next set-up.
    const fingerprint = step.fingerprint();
    if (!step.adopt?.()) {
      stamp.forget(step.id);
      await timed(step, { say, onStart });
      done++;
    }
    stamp.record(step.id, fingerprint);
  }
  return done;
}

async function timed(step, { say, onStart }) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  say(`${step.title} …`);
  const signOfLife = setInterval(() => say(`  at it for ${seconds().toFixed(0)} s`), SIGN_OF_LIFE_MS);
  try {
    await step.run(onStart);
  } finally {
    clearInterval(signOfLife);
  }
  say(`  done in ${seconds().toFixed(1)} s`);
}

function isCurrent(step, stamp) {
  return !step.isNeeded() || (step.present() && stamp.of(step.id) === step.fingerprint());
}
