import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterHome } from './cluster-home.js';
import { checkCounts } from './check-counts.js';
import { type DemoPlan, WHOLE_STORY } from './demo-plan.js';
import { Stages } from './stages.js';
import { startStandalone } from './standalone-process.js';
import type { DemoSummary } from './summary.js';
import { tellStory } from './tell-story.js';
import type { Sink } from '../terminal.js';

/** How a story is run. */
export interface DemoOptions {
  /** One process with everything in it, or the cluster that runs already and that the environment names. */
  readonly home?: 'embedded' | 'cluster';
  /** Leave it running at the end, until Ctrl-C. */
  readonly keep: boolean;
  /** Where its progress is told. */
  readonly out: Sink;
  /** Ends the story between two hours, so that the services are closed in order. */
  readonly signal: AbortSignal;
  /** Told what it came to, before it is left running or ended. */
  readonly onResult?: (result: DemoResult) => void;
  readonly plan?: DemoPlan;
  readonly directory?: string;
}

/** What a story came to. */
export interface DemoResult {
  readonly summary: DemoSummary;
  /** What does not add up, in words. */
  readonly faults: readonly string[];
}

/** The whole story on real flights: tells it, checks its counts, and keeps the summary beside its data. */
export async function runDemo({ home: where = 'embedded', keep, out, signal, onResult, plan = WHOLE_STORY, directory = join(process.env['MILLRACE_DATA_DIR'] ?? join(plan.root, '.millrace'), 'demo') }: DemoOptions): Promise<DemoResult> {
  if (!existsSync(plan.data)) throw new Error(`The flights are not there: ${plan.data}. Run npm ci.`);
  const stages = new Stages(out);
  const home = where === 'cluster' ? clusterHome(process.env, directory) : await stages.run('start every service in one process', () => startStandalone({ directory, roots: plan.root, keep }));
  try {
    const summary = await tellStory(plan, { home, stages, signal });
    const faults = checkCounts(summary, plan);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'summary.json'), `${JSON.stringify({ ...summary, faults }, undefined, 2)}\n`);
    onResult?.({ summary, faults });
    if (keep) {
      stages.say(`Still running: its page ${home.httpAddress}/, gRPC ${[...new Set(Object.values(home.addresses))].join(', ')}. Ctrl-C ends it.`);
      await Promise.race([aborted(signal), home.ended]);
    } else if (where === 'embedded') {
      stages.say(`Its page: npx millrace up --data-dir ${join(directory, 'data')}`);
    }
    return { summary, faults };
  } finally {
    await home.stop();
  }
}

const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
