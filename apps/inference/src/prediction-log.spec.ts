import { PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import type { EventRecord } from '@millrace/core';
import { expect, it } from 'vitest';
import { decodePredictions, encodePredictions } from './inference.events.js';
import { PredictionLog } from './prediction-log.js';
import type { LoggedPrediction } from './predictor.js';

const prediction = (id: number, text = 'ATL', traceId = ''): LoggedPrediction => ({ id: String(id), score: 0.5, flags: [], refused: '', eventTime: new Date(0), predictTime: new Date(1), traceId, asked: {}, inputs: [text] });
const batch = (...predictions: readonly LoggedPrediction[]) => ({ endpoint: 'late', modelVersion: 'models/late/versions/1', inputs: ['origin'], predictions });

function logTo(append: (record: EventRecord) => Promise<boolean> = async () => true) {
  const records: PredictionsLogged[] = [];
  const shed: (readonly [number, unknown])[] = [];
  const log = new PredictionLog({
    append: async (record) => {
      const kept = await append(record);
      if (kept) records.push(decodePredictions(record));
      return kept;
    },
    encode: encodePredictions,
    onShed: (predictions, error) => void shed.push([predictions, (error as { reason?: string } | undefined)?.reason]),
  });
  return { log, records, shed, ids: () => records.flatMap(({ records: all }) => all.map(({ id }) => Number(id))) };
}

it('gathers predictions of one version into records of at most 200, each prediction once and in order', async () => {
  const { log, records, ids } = logTo();
  for (let i = 0; i < 450; i++) log.add(batch(prediction(i)));
  log.add({ ...batch(prediction(1_000)), modelVersion: 'models/late/versions/2' });
  await log.flush();
  expect(ids()).toEqual([...Array.from({ length: 450 }, (_, i) => i), 1_000]);
  expect(records.map(({ records: all }) => all.length)).toEqual([200, 200, 50, 1]);
  log.add(batch(...Array.from({ length: 10_000 }, (_, i) => prediction(i))));
  await log.flush();
  expect(records).toHaveLength(54);
});

it('writes what waits by itself after a moment', async () => {
  const { log, records } = logTo();
  log.add(batch(prediction(1)));
  await expect.poll(() => records.length).toBe(1);
});

it('keeps the trace of each request', async () => {
  const { log, records } = logTo();
  log.add(batch(prediction(1, 'ATL', 'a')));
  log.add(batch(prediction(2, 'ATL', 'b')));
  await log.flush();
  expect(records.flatMap(({ records: all }) => all.map(({ traceId }) => traceId))).toEqual(['a', 'b']);
});

it('splits a batch that is larger than the bus takes, and sheds only the prediction that is too large by itself', async () => {
  const { log, ids, shed } = logTo();
  log.add(batch(...Array.from({ length: 150 }, (_, i) => prediction(i, 'x'.repeat(i === 77 ? 1_000_001 : 20_000)))));
  await log.flush();
  expect(ids().sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i).filter((i) => i !== 77));
  expect(shed).toEqual([[1, 'RECORD_TOO_LARGE']]);
});

it('counts what the spool has no room for', async () => {
  let room = 1;
  const { log, shed, ids } = logTo(async () => room-- > 0);
  log.add(batch(...Array.from({ length: 250 }, (_, i) => prediction(i))));
  await log.flush();
  expect(shed).toEqual([[50, undefined]]);
  expect(ids()).toHaveLength(200);
});
