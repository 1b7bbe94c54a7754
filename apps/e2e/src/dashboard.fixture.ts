import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { day, flightsCsv, LAST_DAY, lateFile } from './late-flights.js';
import type { Home } from './start-all.js';

/** The file of the story: a window of a week, drift and labels watched. */
const FILE = lateFile({
  description: 'A small story.',
  watch: `monitor: { name: late, window: 7d, lateness: 2d, min_predictions: 20, drift: { ignore: [date] }, performance: { metric: log_loss, at_most: 5, min_labels: 20 } }
triggers:
  new-data: { on: new_data }
guards: { cooldown: 7d }
`,
});

/** Runs the pipeline over forty days of flights, asks its endpoint a hundred times in the week after them, tells what happened, and has the week judged. */
export async function tellSmallStory({ clients: { pipelines, inference, monitor }, directory }: Home): Promise<void> {
  writeFileSync(join(directory, 'flights.csv'), flightsCsv());
  await pipelines.applyPipeline({ source: FILE, basePath: directory });
  const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/late' });
  for await (const { status } of pipelines.watchPipelineRun({ name })) if (status?.error) throw new Error(status.error.message);
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  const row = (i: number) => ({ values: { origin: { kind: { $case: 'stringValue' as const, value: i % 2 === 0 ? 'ORD' : 'SEA' } }, distance: { kind: { $case: 'int64Value' as const, value: BigInt(2_000 + i) } } } });
  const { predictions } = await inference.predict({ endpoint: 'endpoints/late', rows: hundred.map(row), eventTimes: hundred.map((i) => day(LAST_DAY + 1 + i / 50)) });
  await inference.sendFeedback({ endpoint: 'endpoints/late', labels: predictions.map(({ id }, i) => ({ predictionId: id, value: i % 2 === 0 ? 1 : 0, knownTime: day(LAST_DAY + 4) })) });
  const observed = async (): Promise<bigint> => (await monitor.listReports({ parent: 'monitors/late' })).reports.reduce((sum, report) => sum + report.labels, 0n);
  await vi.waitFor(async () => expect(await observed()).toBe(100n), { timeout: 30_000, interval: 200 });
  await monitor.closeWindows({ name: 'monitors/late', through: day(LAST_DAY + 20) });
}
