import { defineConfig } from 'vite';

/** Where the home listens. */
const HOME = process.env['MILLRACE_HTTP'] ?? 'http://127.0.0.1:4300';
/** The page and the home at one origin, as a reverse proxy would have them: then no home has to let strange origins in. */
const proxy = { '/v1': { target: HOME, headers: { origin: HOME }, changeOrigin: true } };

export default defineConfig({ root: import.meta.dirname, server: { host: '127.0.0.1', proxy }, preview: { host: '127.0.0.1', proxy } });
