import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';

/** Every file of the folder is a case: adding one adds a case. */
const LEAKS = fileURLToPath(new URL('../../../examples/leaks', import.meta.url));
const FEWEST = 40;

const read = (side: 'leaky' | 'clean') => readdirSync(join(LEAKS, side)).sort().map((name) => ({ name, source: readFileSync(join(LEAKS, side, name), 'utf8') }));
/** A line of the comment at the head of a file. */
const said = (source: string, key: string): string => new RegExp(`^# ${key}: (.+)$`, 'm').exec(source)?.[1] ?? '';

const leaky = read('leaky').map(({ name, source }) => ({ name, source, reason: said(source, 'Refused'), edge: said(source, 'Edge') }));
const clean = read('clean');

let home: Home;
beforeAll(async () => void (home = await startAll()));
afterAll(() => home.close());

const apply = (source: string) => home.clients.pipelines.applyPipeline({ source, dryRun: true, basePath: '' });

describe('the corpus of leaks', () => {
  it('has enough of both kinds, and a mended twin for each leak', () => {
    expect(leaky.length).toBeGreaterThanOrEqual(FEWEST);
    expect(clean.length).toBeGreaterThanOrEqual(FEWEST);
    const twins = new Set(clean.map(({ name }) => name));
    expect(leaky.map(({ name }) => name).filter((name) => !twins.has(name))).toEqual([]);
  });

  it('says of each file what it is, and of each leak why, each with an edge of its own', () => {
    for (const { name, source } of [...leaky, ...clean]) expect(source, name).toMatch(/^# [^\n]{20,}\n/);
    for (const { name, source } of leaky) for (const key of ['Refused', 'Edge', 'Why']) expect(said(source, key), `${name}: ${key}`).not.toBe('');
    const edges = leaky.map(({ reason, edge }) => `${reason} ${edge}`);
    expect(edges.filter((edge, i) => edges.indexOf(edge) !== i)).toEqual([]);
  });

  it('covers every reason for which a file or a plan leaks', () => expect([...new Set(leaky.map(({ reason }) => reason))].sort()).toEqual(REASONS));
});

describe('a leaky file', () => {
  it.each(leaky)('is refused for its own reason: $name', async ({ source, reason, edge }) => {
    const error: unknown = await apply(source).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason, metadata: { edge } });
    // The way from cause to effect, what is wrong, and after the semicolon how to mend it.
    const { message } = error as { readonly message: string };
    expect(message.startsWith(`Refused: ${edge}: `), message).toBe(true);
    expect(message.slice(`Refused: ${edge}: `.length)).toMatch(/^.{10,}; .{10,}\.$/);
  });
});

describe('a clean file', () => {
  it.each(clean)('is taken: $name', async ({ source }) => expect(await apply(source)).toMatchObject({ changed: true }));
});

const REASONS = [
  'KEY_LEAKS_FUTURE',
  'PLAN_FITS_BEFORE_SPLIT',
  'PLAN_LEAKS_FUTURE',
  'PLAN_LEAKS_TARGET',
  'PLAN_MIXES_GROUPS',
  'PLAN_RESAMPLES_BEFORE_SPLIT',
  'PLAN_RESAMPLES_EVALUATION',
  'PLAN_SAMPLES_BY_OUTCOME',
  'PLAN_SPLITS_OTHERWISE',
  'REQUEST_LEAKS_FUTURE',
  'ROLLUP_LEAKS_FUTURE',
  'SPLIT_LEAKS_TARGET',
  'VIEW_LEAKS_FUTURE',
  'VIEW_SEES_OWN_ROW',
];
