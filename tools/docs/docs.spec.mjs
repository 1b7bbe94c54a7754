import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceNames, variables } from './configuration-tables.mjs';
import { unknownImports } from './examples.mjs';
import { brokenLinks } from './links.mjs';
import { blocksOf, pages, readPage, renderPage } from './pages.mjs';
import { ROOT } from './root.mjs';
import { declaredStreams } from './stream-tables.mjs';
import { projects, sourceFiles, sourceText } from './source-files.mjs';

const ONE_SCREEN = 60;
const decisions = pages().filter((path) => /^docs\/adr\/\d/.test(path));
const lines = (text) => text.trimEnd().split('\n').length;

describe('What is rendered from the code', () => {
  it.each(pages().filter((path) => blocksOf(readPage(path)).length > 0))('%s says what the code says; `npm run docs` writes it anew', (path) => {
    expect(readPage(path)).toBe(renderPage(readPage(path)));
  });

  it('stands where people look for it', () => {
    expect(blocksOf(readPage('docs/errors.md'))).toEqual(['codes', 'errors']);
    expect(blocksOf(readPage('docs/events.md'))).toEqual(['headers', 'events']);
    expect(blocksOf(readPage('docs/leakage.md'))).toEqual(['leaks', 'odd, and no leak']);
    expect(blocksOf(readPage('docs/steps.md'))).toEqual(['kinds', 'kind options']);
    expect(blocksOf(readPage('docs/streams.md'))).toEqual(['streams']);
    expect(blocksOf(readPage('docs/configuration.md'))).toEqual(['configuration home', ...serviceNames().map((name) => `configuration ${name}`)]);
    for (const name of serviceNames()) expect(blocksOf(readPage(`apps/${name}/README.md`))).toEqual([`configuration ${name}`]);
  });

  it('leaves out no stream that can be watched', () => {
    const contracts = readdirSync(join(ROOT, 'proto'), { recursive: true }).filter((name) => name.endsWith('.proto')).map((name) => readFileSync(join(ROOT, 'proto', name), 'utf8'));
    const watched = contracts.flatMap((text) => [...text.matchAll(/rpc (Watch\w+)/g)].map(([, rpc]) => rpc));
    expect(watched.length).toBeGreaterThan(5);
    expect(declaredStreams().map(({ rpc }) => rpc).toSorted()).toEqual(watched.toSorted());
  });

  it('leaves out no variable that a source names', () => {
    const named = new Set(sourceFiles().flatMap((path) => sourceText(path).match(/\bMILLRACE_[A-Z]+(_[A-Z]+)*\b/g) ?? []));
    const told = readPage('docs/configuration.md');
    expect(named.size).toBeGreaterThan(variables().length / 2);
    expect([...named].filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('Pages', () => {
  it.each(pages())('%s has links that lead somewhere, and examples that import what is exported', (path) => {
    const text = readPage(path);
    expect(brokenLinks(path, text)).toEqual([]);
    expect(unknownImports(text)).toEqual([]);
  });

  it('tell a broken link from a sound one', () => {
    const text = '# One place\n[a](README.md) [b](gone.md) [c](#one-place) [d](#other-place) [e](https://example.org/) `[f](gone.md)` [g](libs/core/README.md#gone)\n```\n[h](gone.md)\n```';
    expect(brokenLinks('README.md', text)).toEqual(['gone.md', '#other-place', 'libs/core/README.md#gone']);
  });

  it('tell an import that is not exported', () => {
    const text = "```ts\nimport { uuidv7, type Cell, uuidv9 } from '@millrace/core';\nimport { anything } from '@millrace/nowhere';\n```";
    expect(unknownImports(text)).toEqual(['core: uuidv9', 'nowhere: anything']);
  });

  it('are one screen for each project', () => {
    const missing = projects().filter((project) => !existsSync(join(ROOT, project, 'README.md')));
    expect(missing).toEqual([]);
    expect(projects().filter((project) => lines(readPage(`${project}/README.md`)) > ONE_SCREEN)).toEqual([]);
  });
});

describe('Decisions', () => {
  it.each(decisions)('%s has its four parts within sixty lines', (path) => {
    const text = readPage(path);
    expect(text.match(/^## .+$/gm)).toEqual(['## Status', '## Context', '## Decision', '## Consequences']);
    expect(lines(text)).toBeLessThanOrEqual(ONE_SCREEN);
  });

  it('are numbered without gaps, and listed', () => {
    expect(decisions.length).toBeGreaterThan(0);
    expect(decisions.map((path) => Number(path.slice('docs/adr/'.length, 'docs/adr/'.length + 4)))).toEqual(decisions.map((_, i) => i + 1));
    const list = readPage('docs/adr/README.md');
    expect(decisions.filter((path) => !list.includes(`(${path.slice('docs/adr/'.length)})`))).toEqual([]);
  });
});
