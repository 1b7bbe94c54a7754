/**
 * Where the built entry point of a worker or job lies, as seen from the module that starts it.
 * Node cannot start TypeScript with `./x.js` imports, so a caller that runs from `src` (a test) is sent to `dist`.
 */
export const entryUrl = (importMetaUrl: string, entry: string): URL => new URL(entry, importMetaUrl.replace(/\/src\/(?!.*\/src\/)/, '/dist/'));
