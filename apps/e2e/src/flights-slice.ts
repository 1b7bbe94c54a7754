import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoPlan, WHOLE_STORY } from '@millrace/cli';
import { openTables } from '@millrace/tables';
import { parse, stringify } from 'yaml';

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2001, 0, 1);
const day = (days: number): Date => new Date(BEGIN + days * DAY_MS);

/** Airports of the slice: the flights among them are some 3 % of all. */
const AIRPORTS = ['ATL', 'ORD', 'DFW', 'LAX', 'PHX', 'STL', 'DEN', 'MSP', 'SFO', 'BOS'];
const DAYS = 42;

/** Six weeks of flights among ten airports, and the pipeline file of the example with shorter spans for them. */
export async function writeFlightsSlice(directory: string): Promise<DemoPlan> {
  const data = join(directory, 'data', 'flights-slice.parquet');
  await mkdir(join(directory, 'data'), { recursive: true });
  const tables = await openTables({ allow: [WHOLE_STORY.data, directory], memoryLimit: '600MB' });
  try {
    const places = AIRPORTS.map((code) => `'${code}'`).join(', ');
    await tables.run(`COPY (SELECT * FROM read_parquet('${WHOLE_STORY.data}') WHERE date < TIMESTAMP '${day(DAYS).toISOString().slice(0, 10)}' AND origin IN (${places}) AND destination IN (${places})) TO '${data}' (FORMAT parquet)`);
  } finally {
    await tables.close();
  }
  const file = join(directory, 'millrace.yaml');
  await writeFile(file, stringify(shorten(parse(await readFile(WHOLE_STORY.file, 'utf8')) as PipelineFile)));
  return { file, data, root: directory, firstTraining: day(21), newData: [day(28), day(35)], end: day(DAYS), every: 5, rowsARequest: 8, minPredictions: 5_000, minCompared: 500 };
}

interface PipelineFile {
  readonly sources: { readonly flights: Record<string, unknown> };
  readonly training: Record<string, unknown>;
  readonly monitor: Record<string, unknown>;
  readonly ladder: readonly { readonly name: string; readonly params?: Record<string, unknown> }[];
  readonly guards: Record<string, unknown>;
}

/** The example with spans and counts of the slice; data, features, plan and gate stay as they are. */
const shorten = (file: PipelineFile) => ({
  ...file,
  sources: { flights: { ...file.sources.flights, path: 'flights-slice.parquet' } },
  training: { ...file.training, split: { evaluate: '7d', train: '14d' }, sample: { share: 1, seed: 7 } },
  ladder: file.ladder.map((rung) => (rung.name === 'trees' ? { ...rung, params: { ...rung.params, trees: 30 } } : rung)),
  monitor: { ...file.monitor, min_predictions: 200 },
  guards: { ...file.guards, min_new_labels: 2_000 },
});
