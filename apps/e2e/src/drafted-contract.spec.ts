import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CliProcess } from './cli-process.fixture.js';
import { flightsCsv, lateFile } from './late-flights.js';

let directory: string;
let millrace: CliProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-draft-'));
  millrace = new CliProcess(directory);
  await millrace.up();
}, 120_000);
afterAll(async () => {
  await millrace.down();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Flights with what a first look finds: a number, a broken line, a column that is often empty, one that tells rows apart. */
const DIRTY = flightsCsv()
  .split('\n')
  .map((line, i) => (i === 0 ? `${line},flight id,gate` : line === '' ? '' : `${line},${10_000 + i},${i % 3 === 0 ? '' : 'AB'[i % 2]}${i === 77 ? ',one cell too many' : ''}`))
  .join('\n');

it('drafts a contract that says why each part is as it is, and with which a pipeline runs on the very file', async () => {
  await writeFile(join(directory, 'flights.csv'), DIRTY);
  const drafted = await millrace.text('contract', 'infer', 'flights.csv');
  expect(drafted).toMatch(/^# Drafted from flights\.csv: 2,000 read = 1,999 kept \+ 0 duplicates \+ 1 quarantined\.\n# It says what these rows are/);
  for (const line of ['# the only column of times\n  event_time: date', '# no two of 1999 rows have the same flight id\n  key: [ flight id ]', '# from -10 to 75 was seen\n    delay-range: { column: delay, range: { min: -10, max: 75 }, severity: warn }', '# these 4 and no others were seen\n    origin-accepted:', '# every cell reads as STRING; missing in 666 of 1999\n    gate: { type: STRING }']) expect(drafted).toContain(line);

  const file = parse(lateFile({ watch: '' })) as { sources: { flights: object } };
  const withDraft = { ...file, sources: { flights: { ...file.sources.flights, ...(parse(drafted) as object) } } };
  await writeFile(join(directory, 'late.yaml'), stringify(withDraft));
  await millrace.text('apply', 'late.yaml');
  const { code, out } = await millrace.run('run', 'late');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^ingest-flights +SUCCEEDED/m) });
  expect(await millrace.json('dataset', 'show', 'flights')).toMatchObject({ counts: { read: '2000', kept: '1999', quarantined: '1' }, expectations: expect.arrayContaining([expect.objectContaining({ name: 'delay-range', met: true })]) });
}, 180_000);
