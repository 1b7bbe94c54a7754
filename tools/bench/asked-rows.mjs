import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { openLocalObjects } from '@millrace/objects';
import { connect } from '@millrace/rpc';
import { readArtifact } from '@millrace/scoring';
import { openDuckdb } from './bare-duckdb.mjs';
import { FLIGHTS, LIMITS, WORK } from './flights.mjs';
import { ALL, ENDPOINT, startServer, trainedHome } from './home.mjs';

const ROWS = 256;
let made;

/** Files that the servers and clients of all prediction benchmarks share: the model with its inputs, rows that carry every input, and the same rows with their keys alone. */
export const askedRows = (say) => (made ??= make(say));

async function make(say) {
  const data = await trainedHome('asked', say);
  const home = await startServer(ALL, { data });
  const inference = connect(InferenceServiceDefinition, home.grpc);
  const registry = connect(RegistryServiceDefinition, home.grpc);
  try {
    const { artifact } = await registry.getModelVersion({ name: 'models/late-flights/aliases/champion' });
    const { onnxFile, signature } = await readArtifact(await openLocalObjects(join(data, 'objects')), artifact.digest);
    const flights = await firstFlights();
    const { inputs } = await inference.predict({ endpoint: `endpoints/${ENDPOINT}`, explainInputs: true, rows: flights.map(({ keys }) => ({ values: keys })), eventTimes: flights.map(({ time }) => time) });
    const complete = flights.map(({ keys, time }, i) => ({ keys: plain(keys), values: plain(inputs[i].values), time })).filter(({ values }) => Object.keys(values).length === signature.inputs.length - 1);
    if (complete.length < ROWS / 2) throw new Error(`Only ${complete.length} of ${ROWS} flights have every input.`);
    const files = { modelFile: join(WORK, 'model.json'), completeFile: join(WORK, 'complete-rows.json'), keysFile: join(WORK, 'key-rows.json') };
    await writeFile(files.modelFile, JSON.stringify({ onnxFile, inputs: signature.inputs.map(({ name, type }) => ({ name, type })) }));
    await writeFile(files.completeFile, JSON.stringify(complete.map(({ values, time }) => ({ values, time }))));
    await writeFile(files.keysFile, JSON.stringify(complete.map(({ keys, time }) => ({ values: keys, time }))));
    return files;
  } finally {
    inference.close();
    registry.close();
    await home.stop();
  }
}

/** Flights of the last evening that the trained home knows. */
async function firstFlights() {
  const database = await openDuckdb(LIMITS);
  const rows = await database.rows(`SELECT date, distance, origin, destination FROM read_parquet('${FLIGHTS}') WHERE date >= TIMESTAMP '2001-03-31 18:00:00' ORDER BY date, origin, destination LIMIT ${ROWS}`);
  database.close();
  const text = (value) => ({ kind: { $case: 'stringValue', value } });
  return rows.map(({ date, distance, origin, destination }) => ({ time: date, keys: { distance: { kind: { $case: 'int64Value', value: BigInt(distance) } }, origin: text(origin), destination: text(destination) } }));
}

/** Cells as JSON has them; those that are missing, and the time of the event, are left out. */
const plain = (values) =>
  Object.fromEntries(Object.entries(values).flatMap(([name, { kind }]) => (kind && kind.$case !== 'timestampValue' ? [[name, { kind: kind.$case, value: typeof kind.value === 'bigint' ? Number(kind.value) : kind.value }]] : [])));
