import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `npm run demo`: what `millrace demo` does, after the set-up. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
process.argv.splice(2, 0, 'demo');
await import(resolve(ROOT, 'apps/cli/dist/main.js'));
