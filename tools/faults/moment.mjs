import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Phases that are over in some milliseconds: a fault in them comes at once. */
const SHORT = new Set(['apply', 'features', 'register', 'certify', 'deploy', 'monitor', 'close']);
/** Where a write is waited for: each commits to files of its own. */
const PLACES = ['.', 'ingestion', 'feature-store', 'registry', 'trainer', 'inference', 'monitor', 'pipelines', 'objects/tmp', 'ingestion/jobs', 'feature-store/jobs', 'trainer/jobs'];
const KINDS = ['time', 'phase', 'phase', 'phase', 'write', 'write'];
const LONGEST_MS = 6_000;
/** Longer than any story: who keeps to one phase does nothing elsewhere. */
const UNTIL_THE_END_MS = 3_600_000;

/**
 * Draws when the next fault comes: after some time, some time into the phase that was hit least, or within three milliseconds of a write
 * to one of the stores below a data directory. `only` keeps to one phase, `kinds` to some of these ways.
 */
export function drawMoment(random, { hits, phases, only, kinds = KINDS }) {
  const after = random.between(20, 2_500);
  const ahead = phases.ahead();
  const rarest = Math.min(...ahead.map((phase) => hits.get(phase) ?? 0));
  const phase = only ?? random.pick(ahead.filter((each) => (hits.get(each) ?? 0) <= rarest + 1)) ?? 'replay';
  const into = random.between(0, SHORT.has(phase) ? 25 : 900);
  const place = random.pick(PLACES);
  const spin = random.between(0, 3);
  const kind = only ? 'phase' : random.pick(kinds);
  if (kind === 'time') return { told: `after ${Math.round(after)} ms`, come: () => sleep(after) };
  if (kind === 'phase') {
    return {
      told: `${Math.round(into)} ms into ${phase}`,
      come: async () => {
        const reached = await phases.reached(phase, only ? UNTIL_THE_END_MS : LONGEST_MS);
        if (reached) await sleep(into);
        else if (only) await new Promise(() => undefined);
      },
    };
  }
  return {
    told: `${spin.toFixed(1)} ms after a write to ${place}`,
    come: async (dataDir) => {
      await sleep(after / 2);
      await nextWrite(join(dataDir, place));
      for (const until = performance.now() + spin; performance.now() < until; );
    },
  };
}

/** Until something below a directory is written, or long enough has passed. */
async function nextWrite(directory) {
  if (!existsSync(directory)) return;
  const stop = new AbortController();
  const written = new Promise((resolve) => {
    const watcher = watch(directory, { signal: stop.signal }, resolve);
    watcher.once('error', resolve);
  });
  await Promise.race([written, sleep(LONGEST_MS / 2, undefined, { signal: stop.signal }).catch(() => undefined)]);
  stop.abort();
}
