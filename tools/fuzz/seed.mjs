import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { flightsCsv, lateFile } from '@millrace/e2e';
import { connect } from '@millrace/rpc';

const WATCH = "monitor: { name: late, window: 7d, drift: { ignore: [date] } }\ntriggers:\n  new-data: { on: new_data }\n  nightly: { schedule: '0 3 1 1 *' }\n";
/** Two of them go a way of their own, so that what fuzzing deletes leaves something to ask for. */
const PIPELINES = ['late', 'later', 'latest-of-all'];
const ROWS = ['ATL', 'JFK', 'ORD', 'SEA'].map((origin, i) => ({ distance: 200 + 500 * i, origin }));

/** Brings small flights to models that answer and are watched: what fuzzing asks for is there then. */
export async function seed({ http, grpc }, directory) {
  const source = join(directory, 'seed');
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'flights.csv'), flightsCsv());
  const pipelines = connect(PipelinesServiceDefinition, grpc);
  const inference = connect(InferenceServiceDefinition, grpc);
  try {
    for (const pipeline of PIPELINES) {
      const file = lateFile({ description: 'Small flights.', watch: WATCH }).replaceAll('pipeline: late', `pipeline: ${pipeline}`).replaceAll('name: late', `name: ${pipeline}`).replaceAll('model: late', `model: ${pipeline}`);
      await pipelines.applyPipeline({ source: file, basePath: source });
      const { name } = await pipelines.createPipelineRun({ pipeline: `pipelines/${pipeline}`, requestId: `seed-${pipeline}` });
      let last;
      for await (const run of pipelines.watchPipelineRun({ name })) last = run;
      if (last?.status?.state !== JobState.SUCCEEDED) throw new Error(`The run of ${pipeline} did not end well: ${last?.status?.error?.message ?? last?.status?.state}.`);
      const answer = await fetch(`${http}/v1/endpoints/${pipeline}:predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rows: ROWS, eventTimes: ROWS.map(() => '2001-02-08T10:00:00Z') }) });
      if (answer.status !== 200) throw new Error(`${pipeline} answered ${answer.status}: ${await answer.text()}`);
      const { predictions } = await answer.json();
      await inference.sendFeedback({ endpoint: `endpoints/${pipeline}`, labels: predictions.slice(0, 2).map(({ id }) => ({ predictionId: id, value: 1 })) });
    }
  } finally {
    pipelines.close();
    inference.close();
  }
}
