import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCounts } from './check-counts.js';
import { closingTables } from './closing-tables.js';
import { type DemoPlan, WHOLE_STORY } from './demo-plan.js';
import { Stages } from './stages.js';
import { startStandalone } from './standalone-process.js';
import type { DemoSummary } from './summary.js';
import { tellStory } from './tell-story.js';

/** How a story is run. */
export interface DemoOptions {
  /** Leave it running at the end, until Ctrl-C. */
  readonly keep: boolean;
  /** One JSON document on standard output in the place of tables. */
  readonly json: boolean;
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
export async function runDemo({ keep, json, plan = WHOLE_STORY, directory = join(process.env['MILLRACE_DATA_DIR'] ?? join(plan.root, '.millrace'), 'demo') }: DemoOptions): Promise<DemoResult> {
  if (!existsSync(plan.data)) throw new Error(`The flights are not there: ${plan.data}. Run npm ci.`);
  const stages = new Stages(json ? process.stderr : process.stdout);
  const standalone = await stages.run('start every service in one process', () => startStandalone({ directory, roots: plan.root, keep }));
  const interrupted = interruption();
  try {
    const summary = await tellStory(plan, { standalone, stages, check: interrupted.check });
    const faults = checkCounts(summary, plan);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'summary.json'), `${JSON.stringify({ ...summary, faults }, undefined, 2)}\n`);
    process.stdout.write(json ? `${JSON.stringify({ ...summary, faults })}\n` : closingTables(summary, faults));
    if (keep) {
      stages.say(`Still running: HTTP ${standalone.httpAddress}, gRPC ${standalone.grpcAddress}. Ctrl-C ends it.`);
      await Promise.race([interrupted.asked, standalone.ended]);
    }
    return { summary, faults };
  } finally {
    interrupted.forget();
    await standalone.stop();
  }
}

/** Ctrl-C ends the story between two hours, so that the services are closed in order. */
function interruption() {
  let resolve: () => void = () => undefined;
  let happened = false;
  const asked = new Promise<void>((done) => (resolve = done));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (): void => {
    happened = true;
    resolve();
  };
  for (const signal of signals) process.once(signal, onSignal);
  return {
    asked,
    check: (): void => {
      if (happened) throw new Error('Interrupted.');
    },
    forget: (): void => signals.forEach((signal) => process.removeListener(signal, onSignal)),
  };
}
