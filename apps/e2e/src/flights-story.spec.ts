import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoResult, runDemo } from '@millrace/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFlightsSlice } from './flights-slice.js';

const STORY_MS = 240_000;

/** The demo itself, on six weeks of flights among ten airports. */
describe('the flights, from rows to a retrained model', () => {
  let directory: string;
  let result: DemoResult;
  const told: string[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-flights-'));
    result = await runDemo({ keep: false, signal: new AbortController().signal, out: { isTTY: false, columns: 80, write: (text) => void told.push(text) }, plan: await writeFlightsSlice(directory), directory: join(directory, 'demo') });
  }, STORY_MS);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('adds up', () => {
    expect(result.faults).toEqual([]);
  });

  it('tells what it does', () => {
    expect(told.join('')).toMatch(/→ apply the pipeline file\n.*pipeline "late-flights" is new\n/);
  });

  it('keeps its figures beside its data', async () => {
    const kept = JSON.parse(await readFile(join(directory, 'demo', 'summary.json'), 'utf8')) as { traffic: unknown };
    expect(kept.traffic).toEqual(result.summary.traffic);
  });

  it('serves as well as it was judged', () => {
    const [first] = result.summary.runs;
    const judged = first?.evaluation?.rungs.at(-1)?.metrics.find(({ metric }) => metric === 'auc')?.value ?? 0;
    const labels = result.summary.windows.reduce((sum, window) => sum + window.labels, 0);
    const served = result.summary.windows.reduce((sum, { performance, labels: weight }) => sum + (performance.find(({ metric }) => metric === 'auc')?.value ?? 0) * weight, 0) / labels;
    expect(judged).toBeGreaterThan(0.6);
    expect(Math.abs(served - judged)).toBeLessThan(0.06);
  });
});
