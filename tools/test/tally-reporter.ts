import { appendFileSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

/** Where the tally goes as JSON instead of to the terminal; set by a run that adds more to it. */
const TALLY_FILE = 'MILLRACE_TALLY_FILE';
/** Where every failure is written as well, for a run that says at its very end what failed. */
const FAILURES_FILE = 'MILLRACE_FAILURES_FILE';
/** What is kept of one failure: its message and where it happened, not a printed table. */
const MOST_LINES = 30;

/** Ends a run with the one line that CI reads: `N passed, N failed, N skipped`. A file that does not load counts as failed. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const tally = { passed: 0, failed: errors.length, skipped: 0 };
    errors.forEach((error) => keepFailure('outside of every spec', [error]));
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      if (module.errors().length > 0) keepFailure(module.relativeModuleId, module.errors());
      if (tests.length === 0 && module.errors().length > 0) tally.failed++;
      for (const test of tests) {
        const { state, errors: faults } = test.result();
        if (state === 'failed') keepFailure(`${module.relativeModuleId} > ${test.fullName}`, faults ?? []);
        if (state === 'passed' || state === 'failed') tally[state]++;
        else tally.skipped++;
      }
    }
    const file = process.env[TALLY_FILE];
    if (file) writeFileSync(file, JSON.stringify(tally));
    else process.once('exit', () => process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`));
  }
}

function keepFailure(where: string, errors: ReadonlyArray<unknown>): void {
  const file = process.env[FAILURES_FILE];
  if (!file) return;
  const said = errors.flatMap((error) => stripVTControlCharacters(textOf(error)).split('\n').slice(0, MOST_LINES));
  appendFileSync(file, [`✗ ${where}`, ...said.map((line) => `    ${line}`), ''].join('\n'));
}

function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message = '', diff = '', stack = '' } = error as { message?: string; diff?: string; stack?: string };
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at ') && !line.includes('node_modules'));
  return [message, ...(diff ? [diff] : []), ...frames].join('\n');
}
