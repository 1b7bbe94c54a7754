import { defineConfig } from 'vitest/config';

const fromSource = { conditions: ['millrace-source'] };

export default defineConfig({
  resolve: fromSource,
  ssr: { resolve: fromSource },
  test: {
    include: ['{apps,libs}/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', './tools/test/tally-reporter.ts'],
    server: { deps: { inline: [/@millrace\//] } },
  },
});
