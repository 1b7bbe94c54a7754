import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type Schema } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { KINDS, type LeakContext } from '@millrace/plan';
import { type Choice, choiceOf, draftOf } from '@millrace/plan/fixture';
import { ParityChecker } from '@millrace/plan/parity-checker';
import { openTables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkContract, type Contract } from './contract.js';
import { ingest } from './ingest.js';
import { LATE, PlanTrial } from './plan-trial.fixture.js';
import { contractFor, FUZZ_SEED, fuzzRuns, type Sheet, sheet, tidySheet, write } from './random-files.fixture.js';
import { type Spoil, spoils, spoilt } from './spoilt-plan.fixture.js';

const RUNS = fuzzRuns(100);
const SPEC_MS = 60_000 + RUNS * 2_000;
/** Who may refuse, each with what its sentences name: of a plan that is a step, a feature or the inputs. */
const DOMAINS: Readonly<Record<string, RegExp>> = { 'ingestion.millrace': /./, 'plan.millrace': /step "|steps\[|feature|inputs|the plan|column "| → /, 'ml.millrace': /feature "|rows/ };
/** What no sentence for people holds: holes, and what engines say. */
const RAW = /undefined|\{\w+\}|\.\.|\[object|DuckDB|Binder|Conversion Error|Catalog|Parser Error|Invalid (?:Input|option)|expected |onnx|at \w+ \(/i;

let directory: string;
let checker: ParityChecker;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-fuzz-plans-'));
  checker = await ParityChecker.open(1);
});
afterAll(() => {
  checker.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Case {
  readonly given: Sheet;
  readonly contract: Contract;
  readonly choices: readonly Choice[];
  readonly spoiling: readonly Spoil[];
  /** What is said of columns and rows beside the plan, by place. */
  readonly said: readonly number[];
}

const aCase: fc.Arbitrary<Case> = fc.oneof({ weight: 1, arbitrary: sheet }, { weight: 7, arbitrary: tidySheet }).chain((given) =>
  fc.record({ given: fc.constant(given), contract: contractFor(given), choices: fc.array(choiceOf({ choosers: true }), { minLength: 1, maxLength: 6 }).chain((choices) => fc.constantFrom(choices, inOrder(choices), inOrder(choices))), spoiling: spoils, said: fc.array(fc.nat({ max: 99 }), { minLength: 4, maxLength: 4 }) }),
);

/** Samples come first and what balances rows last, as a plan must have them. */
const inOrder = (choices: readonly Choice[]): readonly Choice[] => ['sample', 'split', '', 'resample'].flatMap((place) => choices.filter(({ kind }) => (['sample', 'split', 'resample'].includes(kind) ? kind : '') === place));

/** Mostly nothing is said but the target. */
function contextOf(schema: Schema, [chance = 0, target = 0, late = 0, split = 0]: readonly number[]): LeakContext {
  const name = (place: number) => schema[place % schema.length]?.name ?? '';
  if (chance < 80) return { target: LATE };
  const splits = [undefined, { by: 'random' as const }, { by: 'time' as const }, { by: 'group' as const, column: name(split) }];
  const by = splits[split % splits.length];
  return { target: target % 2 === 0 ? LATE : name(target), knowledge: { [name(late)]: late % 3 === 0 ? 'after-event' : 'at-event' }, ...(late % 5 === 0 && { groups: [name(split)] }), ...(by && { split: by }) };
}

it(`takes ${RUNS} random tables through random plans: as many rows as there were, each as announced and the same alone and in a batch, or one sentence that says why not`, async () => {
  const objects = await openLocalObjects(join(directory, 'objects'));
  const seen = { versions: 0, plans: 0, rows: 0, kinds: new Set<string>(), refused: new Map<string, number>() };
  let files = 0;
  const attempt = async ({ given, contract, choices, spoiling, said }: Case): Promise<void> => {
    const path = join(directory, `f${++files}`);
    const { text } = write(given);
    writeFileSync(path, text);
    await using tables = await openTables({ objects, memoryLimit: '512MB', threads: 1, allow: [path] });
    try {
      if (contract.columns.length > 0) checkContract(contract);
      const { schema, object, counts } = await ingest({ source: { path, format: given.format, timeFilter: undefined }, contract, parent: undefined, backfill: false, cursor: undefined, now: 0, s3: { region: '' } }, { tables, objects, directory, signal: new AbortController().signal, progress: () => undefined });
      seen.versions++;
      const kept = { schema, rows: counts.kept, relation: object && (await tables.scan([object.digest])) };
      const plan = await new PlanTrial(tables, checker).run(spoilt(draftOf(choices, schema), spoiling, schema), { kept, context: contextOf(schema, said) });
      seen.plans++;
      seen.rows += counts.kept;
      for (const { kind } of plan.steps) seen.kinds.add(kind);
    } catch (error) {
      const names = error instanceof AppError && error.code !== 'INTERNAL' ? DOMAINS[error.domain] : undefined;
      if (!(error instanceof AppError) || !names) throw error;
      expect(error.message, error.reason).not.toMatch(RAW);
      expect(error.message, error.reason).toMatch(names);
      seen.refused.set(error.reason, (seen.refused.get(error.reason) ?? 0) + 1);
    } finally {
      rmSync(path);
    }
  };
  await fc.assert(fc.asyncProperty(aCase, attempt), { numRuns: RUNS, seed: FUZZ_SEED, endOnFailure: true });
  // It must not be that nearly all is refused, nor that some kind never runs.
  expect(seen.plans, JSON.stringify([...seen.refused])).toBeGreaterThan(RUNS / 5);
  if (RUNS >= 1_000) expect([...seen.kinds].sort()).toEqual(Object.keys(KINDS).sort());
  if (RUNS > 100) process.stdout.write(`${seen.versions} versions, ${seen.plans} plans over ${seen.rows} rows, refused: ${[...seen.refused].map(([reason, count]) => `${reason} ${count}`).join(', ')}\n`);
}, SPEC_MS);
