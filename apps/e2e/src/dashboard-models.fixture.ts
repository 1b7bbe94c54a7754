import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { day, flightsCsv, LAST_DAY, lateFile } from './late-flights.js';
import type { Home } from './start-all.js';

/** What a part of a text becomes; throws where it is not there, so that a file that changed is noticed. */
function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The file has no ${from}.`);
  return text.replace(from, to);
}

/** A pipeline whose model reads an airport as it is, with slices by airport and a guard that refuses unknown ones. */
function fileOf(leaves: number): string {
  let file = lateFile({ description: 'Tells which flights will be late.', watch: '' });
  file = changed(file, '    - dateparts: { column: date, parts: [hour] }\n  features: [hour,', '    - dateparts: { column: date, parts: [hour] }\n    - frequency: { column: origin, as: often }\n  features: [often, hour,');
  file = changed(file, 'leaves: 8', `leaves: ${leaves}`);
  file = changed(file, 'gate:\n', 'gate:\n  slices: { columns: [origin], min_rows: 20 }\n');
  return changed(file, 'endpoint: { name: late }', 'endpoint: { name: late, guard: { unseen_category: reject, out_of_range: flag, missing: flag } }');
}

/** Makes two versions of a model over forty days of flights, of which the second answers, and asks their endpoint thirty times. */
export async function tellTwoVersions({ clients: { pipelines, inference }, directory }: Home): Promise<void> {
  writeFileSync(join(directory, 'flights.csv'), flightsCsv());
  for (const leaves of [4, 12]) {
    await pipelines.applyPipeline({ source: fileOf(leaves), basePath: directory });
    const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/late' });
    for await (const { status } of pipelines.watchPipelineRun({ name })) if (status?.error) throw new Error(status.error.message);
  }
  const thirty = Array.from({ length: 30 }, (_, i) => i);
  const row = (i: number) => ({ values: { origin: { kind: { $case: 'stringValue' as const, value: i % 2 === 0 ? 'ORD' : 'SEA' } }, distance: { kind: { $case: 'int64Value' as const, value: BigInt(200 + i) } } } });
  await inference.predict({ endpoint: 'endpoints/late', rows: thirty.map(row), eventTimes: thirty.map((i) => day(LAST_DAY + 1 + i / 50)) });
}
