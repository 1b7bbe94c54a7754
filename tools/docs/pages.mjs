import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderHome, renderService } from './configuration-tables.mjs';
import { renderCodes, renderErrors } from './error-tables.mjs';
import { renderEvents, renderHeaders } from './event-tables.mjs';
import { renderKindOptions, renderKinds } from './kind-tables.mjs';
import { renderLeaks, renderOddities } from './leak-tables.mjs';
import { ROOT } from './root.mjs';
import { renderStreams } from './stream-tables.mjs';

/** What can be rendered from the code, by the name that a page gives; `configuration <service>` takes a service. */
const RENDERERS = {
  errors: renderErrors,
  codes: renderCodes,
  events: renderEvents,
  headers: renderHeaders,
  leaks: renderLeaks,
  'odd, and no leak': renderOddities,
  'configuration home': renderHome,
  kinds: renderKinds,
  'kind options': renderKindOptions,
  streams: renderStreams,
};

const BLOCK = /(<!-- rendered by `npm run docs`: ([^\n]*?) -->)[\s\S]*?(<!-- end of what is rendered -->)/g;
const LEFT_OUT = new Set(['node_modules', 'dist', 'third_party', '.git', '.nx', '.millrace']);

/** Every Markdown file of the repository, relative to its root. */
export function pages(folder = '') {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : pages(path);
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

export const readPage = (path) => readFileSync(join(ROOT, path), 'utf8');

/** The names of the blocks of a page that are rendered from the code. */
export const blocksOf = (text) => [...text.matchAll(BLOCK)].map(([, , name]) => name);

/** The page with every such block as the code has it now. */
export const renderPage = (text) => text.replaceAll(BLOCK, (_, begin, name, end) => `${begin}\n\n${render(name)}\n\n${end}`);

function render(name) {
  const [, service] = /^configuration (?!home$)(.+)$/.exec(name) ?? [];
  if (service !== undefined) return renderService(service);
  const renderer = RENDERERS[name];
  if (!renderer) throw new Error(`"${name}" cannot be rendered; there are ${Object.keys(RENDERERS).join(', ')} and configuration <service>.`);
  return renderer();
}
