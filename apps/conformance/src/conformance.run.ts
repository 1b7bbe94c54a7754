import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from './cases/case.js';
import { allCases } from './cases/all-cases.js';
import { CONTRACTS, rpcsOf } from './completeness/contracts.js';
import { unseenErrors, type DeclaredError } from './completeness/error-demands.js';
import { unseenEvents } from './completeness/event-demands.js';
import { missingOf } from './completeness/rpc-demands.js';
import { Seen } from './completeness/seen.js';
import { openHome } from './home/open-home.js';
import { World } from './world/world.js';

/** Which home, which cases, and what the sources declare: said by `npm run conformance`. */
const HOME = process.env['MILLRACE_CONFORMANCE_HOME'] ?? 'embedded';
const ONLY = process.env['MILLRACE_CONFORMANCE_ONLY'] ?? '';
const DECLARED = process.env['MILLRACE_CONFORMANCE_ERRORS'] ?? '';
const START_MS = 180_000;

const seen = new Seen();
let home: Awaited<ReturnType<typeof openHome>>;
let world: World;
beforeAll(async () => {
  home = await openHome(HOME, seen);
  world = new World(home);
}, START_MS);
afterAll(() => home?.close(), START_MS);

for (const [service, cases] of Object.entries(allCases)) describe(service, () => cases.forEach(tell));

// With some cases left out there is nothing to say about all.
if (ONLY === '') {
  describe('nothing is left out:', () => {
    for (const rpc of rpcsOf(CONTRACTS)) it(`${rpc.rpc} was seen to do all that its request lets it do`, () => expect(missingOf(rpc, seen)).toEqual([]));
    it('every declared error was raised', () => expect(unseenErrors(JSON.parse(readFileSync(DECLARED, 'utf8')) as DeclaredError[], seen)).toEqual([]));
    it('every event of the catalogue was published', () => expect(unseenEvents(home.events)).toEqual([]));
  });
}

function tell({ title, run }: Case): void {
  it(title, () => run(home, world));
}
