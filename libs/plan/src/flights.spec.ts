import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Schema } from '@millrace/core';
import { OnnxGraph } from '@millrace/onnx';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkPlan, extendPlan, feedRows, feedTensors, fitPlan, fittedFromJson, fittedToJson, parsePlan, toJs, toOnnx, toSql } from './index.js';

const file = new URL('../../../examples/flights/millrace.yaml', import.meta.url);
const yaml = parse(readFileSync(file, 'utf8')) as { plan: { features: string[] }; ladder: { steps?: unknown }[] };
const rolled = yaml.plan.features.filter((name) => /_\d+h$/.test(name));
const schema: Schema = [
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  ...['delay', 'distance'].map((name) => ({ name, type: 'INT64' as const, nullable: false })),
  ...['origin', 'destination'].map((name) => ({ name, type: 'STRING' as const, nullable: false })),
  ...[...rolled, 'late'].map((name) => ({ name, type: 'FLOAT64' as const, nullable: true })),
];
const plan = parsePlan(yaml.plan, { inputs: schema });
const knowledge = { delay: 'after-event', late: 'after-event' } as const;

it('carries the flights from rows to the same features in SQL, ONNX and JavaScript', async () => {
  checkPlan(plan, { target: 'late', targetSources: ['delay'], eventTime: 'date', knowledge });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`CREATE TABLE t AS SELECT i AS id, TIMESTAMP '2001-01-01' + INTERVAL (i * 7919) SECOND AS date, (i * 37) % 90 AS delay, 100 + (i * 131) % 2000 AS distance,
    'A' || (i % 40) AS origin, 'B' || (i % 37) AS destination, ${rolled.map((name, k) => `CASE WHEN i % 11 = ${k % 11} THEN NULL ELSE sin(i * ${k + 1}) END AS "${name}"`).join(', ')}
    FROM range(3000) r(i)`);
  const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  const candidate = extendPlan(plan, yaml.ladder[1]?.steps);
  expect(candidate.features).toEqual(plan.features);
  const fitted = await fitPlan(candidate, { relation: '"t"', order: 'id', query });
  expect(fittedFromJson(fittedToJson(fitted))).toEqual(fitted);

  const graph = new OnnxGraph();
  const { value, names, layout } = toOnnx(fitted, graph);
  graph.output('features', 'float', ['N', names.length], value);
  expect(graph.size).toBeLessThan(60);
  const rows = (await connection.runAndReadAll('SELECT * FROM t ORDER BY id')).getRowObjectsJS() as Record<string, never>[];
  const packed = feedRows(layout, rows);
  const session = await ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(feedTensors(layout, packed).map((feed) => [feed.name, feed.type === 'string' ? new ort.Tensor('string', [...feed.data], feed.dims) : feed.type === 'int64' ? new ort.Tensor('int64', feed.data, feed.dims) : new ort.Tensor('float64', feed.data, feed.dims)]));
  const batch = (await session.run(feeds))['features']?.data as Float32Array;
  const evaluate = toJs(fitted);
  const sql = await query(`SELECT * FROM (${toSql(fitted, '"t"', { tail: ['id'] })}) ORDER BY id`);
  expect(sql).toHaveLength(rows.length);
  let differing = 0;
  rows.forEach((row, i) => {
    const js = evaluate(row);
    names.forEach((name, k) => {
      const onnx = batch[i * names.length + k];
      if (!Object.is(js[k], onnx) || !Object.is(Number(sql[i]?.[name] ?? Number.NaN), onnx)) differing++;
    });
  });
  expect(differing).toBe(0);
});

it("refuses a flight's own delay, naming the edge", () => {
  const leaking = parsePlan({ steps: [{ clip: { id: 'd', column: 'delay', quantiles: [0.01, 0.99] } }], features: ['distance', 'delay'] }, { inputs: schema });
  expect(() => checkPlan(leaking, { target: 'late', knowledge })).toThrow('delay → clip "d" → features.delay: "delay" is known only after the event');
  expect(() => checkPlan(leaking, { target: 'late', targetSources: ['delay'] })).toThrow('delay → clip "d" → features.delay: "delay" is the target');
});
