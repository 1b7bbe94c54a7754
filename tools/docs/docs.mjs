import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, readPage, renderPage } from './pages.mjs';
import { ROOT } from './root.mjs';

/** `npm run docs`: writes into the pages what is rendered from the code. */
let written = 0;
for (const path of pages()) {
  const before = readPage(path);
  const after = renderPage(before);
  if (after === before) continue;
  writeFileSync(join(ROOT, path), after);
  process.stdout.write(`${path}\n`);
  written++;
}
process.stdout.write(written === 0 ? 'Every page says what the code says.\n' : `${written} pages were written anew.\n`);
