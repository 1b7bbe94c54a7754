import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Home, startAll } from './start-all.js';

const FLIGHTS = fileURLToPath(new URL('../../../examples/flights/millrace.yaml', import.meta.url));

interface File {
  plan: { steps: unknown[]; features: string[] };
  ladder: { name: string; steps?: unknown[] }[];
  feature_views: Record<string, { knowledge_time?: unknown }>;
}

let home: Home;
beforeAll(async () => void (home = await startAll()));
afterAll(() => home.close());

/** The flights' own file with something planted in it. */
function planted(change: (file: File) => void): string {
  const file = parse(readFileSync(FLIGHTS, 'utf8')) as File;
  change(file);
  return stringify(file);
}

const apply = (source: string, dryRun = false) => home.clients.pipelines.applyPipeline({ source, dryRun, basePath: '' });

it.each([
  { title: 'its own delay', change: ({ plan }: File) => void plan.features.push('delay'), edge: 'delay → features.delay', column: 'delay' },
  { title: 'its own target', change: ({ plan }: File) => void plan.features.push('late'), edge: 'late → features.late', column: 'late' },
  {
    title: 'its delay, clipped and combined on the way',
    change: ({ plan }: File) => {
      plan.steps.push({ clip: { column: 'delay', min: 0, max: 60, as: 'bounded' } }, { standard: { columns: ['distance', 'bounded'], as: ['far', 'slow'] } });
      plan.features.push('slow');
    },
    edge: /^delay → clip "[^"]+" → standard "[^"]+" → features\.slow$/,
    column: 'delay',
  },
  {
    title: 'its delay in the steps of one rung',
    change: ({ plan, ladder }: File) => {
      plan.steps.push({ clip: { column: 'delay', min: 0, max: 60, as: 'bounded' } });
      ladder[1]?.steps?.unshift({ impute: { columns: ['distance', 'bounded'], strategy: 'median' } });
    },
    edge: /^delay → .* → features\.bounded/,
    column: 'delay',
  },
])('refuses a flight that peeks at $title, and names the edge and what to do', async ({ change, edge, column }) => {
  const refusal = { code: 'FAILED_PRECONDITION', domain: 'plan.millrace', metadata: { edge: typeof edge === 'string' ? edge : expect.stringMatching(edge), column }, message: expect.stringMatching(/^Refused: .*; take it out of the features/) };
  const error: unknown = await apply(planted(change)).catch((fault: unknown) => fault);
  expect(error).toMatchObject(refusal);
  expect((error as { reason: string }).reason).toBe(column === 'late' ? 'PLAN_LEAKS_TARGET' : 'PLAN_LEAKS_FUTURE');
  await expect(apply(planted(change), true)).rejects.toMatchObject(refusal);
});

it('refuses a view that forgets when a delay is known, and takes one that says so', async () => {
  const forgetful = planted(({ feature_views: { arrivals } }) => void delete arrivals?.knowledge_time);
  const refusal = { code: 'FAILED_PRECONDITION', reason: 'VIEW_LEAKS_FUTURE', metadata: { column: 'delay', view: 'arrivals', edge: 'delay → feature_views.arrivals.derive.late → feature_views.arrivals.late_share_3h → feature_services.late-flights → training.features' } };
  await expect(apply(forgetful)).rejects.toMatchObject(refusal);
  await expect(apply(forgetful, true)).rejects.toMatchObject(refusal);
  expect(await apply(planted(({ feature_views: { arrivals } }) => void Object.assign(arrivals ?? {}, { knowledge_time: { delay: '0s' } })), true)).toMatchObject({ changed: true });
});

it('has kept nothing of the refused files, and takes the honest one', async () => {
  expect((await home.clients.pipelines.listPipelines({})).pipelines).toEqual([]);
  // The delay may be read, as long as no feature holds it.
  const unused = planted(({ plan }) => void plan.steps.push({ clip: { column: 'delay', min: 0, max: 60, as: 'bounded' } }));
  expect(await apply(unused, true)).toMatchObject({ changed: true });
  expect(await apply(readFileSync(FLIGHTS, 'utf8'))).toMatchObject({ changed: true, pipelineVersion: { name: 'pipelines/late-flights/versions/1' } });
});
