import { defineConfig } from 'vite';

/** Where a home listens while the page is worked on. */
const HOME = process.env['MILLRACE_HTTP'] ?? 'http://127.0.0.1:4300';

// A configuration is the one place where its reader asks for a default export.
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['millrace-source', 'module', 'browser', 'development|production'] },
  // Everything is a file of its own that the policy of the page lets in: nothing inline, no polyfill.
  build: { outDir: 'dist/page', target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1_000 },
  server: { host: '127.0.0.1', proxy: { '/v1': { target: HOME, changeOrigin: true } } },
});
