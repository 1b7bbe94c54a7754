import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { TallyReporter } from './tools/test/tally-reporter.js';

/** Specs that need a real server run by `npm run test:cluster`, which starts it, and never by `npm test`. */
const cluster = process.env['MILLRACE_SPECS'] === 'cluster';
/** Where every result goes as JSON. */
const JSON_FILE = process.env['MILLRACE_SPECS_JSON'];
/** The cases that `npm run conformance` tells to a home that it starts. */
const conformance = process.env['MILLRACE_SPECS'] === 'conformance';
const INCLUDED = cluster ? ['{apps,libs}/*/src/**/*.int.spec.ts', 'tools/**/*.int.spec.{ts,mjs}'] : ['{apps,libs}/*/src/**/*.spec.ts', 'tools/**/*.spec.{ts,mjs}'];
const fromSource = { conditions: ['millrace-source'] };

// A configuration is the one place where its reader asks for a default export.
export default defineConfig({
  resolve: { ...fromSource, alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL('tools/test/seeded-fast-check.ts', import.meta.url)) }] },
  ssr: { resolve: fromSource },
  test: {
    include: conformance ? ['apps/conformance/src/conformance.run.ts'] : INCLUDED,
    exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**', ...(cluster ? [] : ['**/*.int.spec.*'])],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: cluster ? 180_000 : 60_000,
    hookTimeout: cluster ? 180_000 : 60_000,
    teardownTimeout: 5_000,
    // What is waited for is there sooner or later; a machine that does much else is late.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default', ...(JSON_FILE === undefined ? [] : [['json', { outputFile: JSON_FILE }] satisfies ['json', object]]), new TallyReporter()],
    server: { deps: { inline: [/@millrace\//] } },
  },
});
