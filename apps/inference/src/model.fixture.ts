import type { Schema } from '@millrace/core';
import { findEstimator } from '@millrace/ml';
import type { ObjectStore } from '@millrace/objects';
import { OnnxGraph } from '@millrace/onnx';
import { type FeedRow, fitPlan, fittedToJson, parsePlan, toJs, toOnnx } from '@millrace/plan';
import { packModel, SCORE, type Signature } from '@millrace/scoring';
import { openTables } from '@millrace/tables';

export const INPUTS: Schema = [
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'distance', type: 'INT64', nullable: false },
  { name: 'origin', type: 'STRING', nullable: false },
  { name: 'rain', type: 'FLOAT64', nullable: true },
  { name: 'late_share', type: 'FLOAT64', nullable: true },
];

/** What a model of these inputs says of its training. */
export const SIGNATURE: Signature = {
  inputs: [
    { name: 'date', type: 'TIMESTAMP', nullable: false, min: 0, max: 1, categories: undefined },
    { name: 'distance', type: 'INT64', nullable: false, min: 100, max: 1_100, categories: undefined },
    { name: 'origin', type: 'STRING', nullable: false, min: undefined, max: undefined, categories: ['ATL', 'JFK', 'ORD'] },
    { name: 'rain', type: 'FLOAT64', nullable: true, min: 0, max: 10, categories: undefined },
    { name: 'late_share', type: 'FLOAT64', nullable: true, min: 0, max: 1, categories: undefined },
  ],
  output: 'score',
  eventTime: 'date',
};

const PLAN = parsePlan(
  {
    steps: [{ dateparts: { column: 'date', parts: ['hour', 'weekday'] } }, { frequency: { column: 'origin', as: 'origin_frequency' } }, { impute: { columns: ['rain', 'late_share'], strategy: 'mean' } }, { standard: { columns: ['distance', 'rain', 'late_share'] } }],
    features: ['hour', 'weekday', 'distance', 'origin_frequency', 'rain', 'late_share'],
  },
  { inputs: INPUTS },
);
const ROWS = 240;

/** A small logistic model over times, whole numbers, texts and doubles; `kind` tells models apart. Gives the digest of its artefact. */
export async function makeModel(objects: ObjectStore, kind: number): Promise<string> {
  const tables = await openTables({ threads: 1, memoryLimit: '200MB' });
  try {
    await tables.run(`CREATE TEMP TABLE t AS SELECT i AS id, TIMESTAMP '2001-01-01' + INTERVAL (i * 7919) SECOND AS date, 100 + (i * 131) % 1000 AS distance, (['ATL', 'JFK', 'ORD'])[1 + i % 3] AS origin,
      CASE WHEN i % 7 <> 0 THEN (i * 37 % 100) / 10e0 END AS rain, CASE WHEN i % 5 <> 0 THEN (i * 17 % 100) / 100e0 END AS late_share FROM range(${ROWS}) r(i)`);
    const fitted = await fitPlan(PLAN, { relation: 't', order: 'id', query: (sql) => tables.rows(sql) });
    const evaluate = toJs(fitted);
    const rows = await tables.rows<FeedRow>('SELECT * FROM t ORDER BY id');
    const graph = new OnnxGraph();
    const { value, names } = toOnnx(fitted, graph);
    const features = Float32Array.from(rows.flatMap((row) => [...evaluate(row)]));
    const target = Uint8Array.from(rows, (row, i) => Number((Number(row['distance']) * kind + i * 13) % 10 > 6));
    const estimator = findEstimator('logistic');
    const model = await estimator.fit({ features, rows: ROWS, names, target }, estimator.parseParams({}));
    graph.output(SCORE, 'double', ['N'], model.toOnnx(graph, value));
    const { ref } = await packModel(objects, { onnx: graph.bytes(), signature: SIGNATURE, plan: fittedToJson(fitted), planDigest: fitted.digest, estimator: 'logistic', params: '{}', model: model.toBytes() });
    return ref.digest;
  } finally {
    await tables.close();
  }
}
