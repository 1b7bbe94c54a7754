import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Where the tally goes as JSON instead of to the terminal; set by a run that adds more to it. */
const TALLY_FILE = 'MILLRACE_TALLY_FILE';

/** Ends a run with the one line that CI reads: `N passed, N failed, N skipped`. A file that does not load counts as failed. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const tally = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      if (tests.length === 0 && module.errors().length > 0) tally.failed++;
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') tally[state]++;
        else tally.skipped++;
      }
    }
    const file = process.env[TALLY_FILE];
    if (file) writeFileSync(file, JSON.stringify(tally));
    else process.once('exit', () => process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`));
  }
}
