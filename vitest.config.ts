import { defineConfig } from 'vitest/config';
import { TallyReporter } from './tools/test/tally-reporter.js';

const fromSource = { conditions: ['millrace-source'] };

// A configuration is the one place where its reader asks for a default export.
export default defineConfig({
  resolve: fromSource,
  ssr: { resolve: fromSource },
  test: {
    include: ['{apps,libs}/*/src/**/*.spec.ts', 'tools/**/*.spec.{ts,mjs}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 5_000,
    reporters: ['default', new TallyReporter()],
    server: { deps: { inline: [/@millrace\//] } },
  },
});
