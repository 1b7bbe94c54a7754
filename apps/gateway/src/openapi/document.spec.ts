import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { bindingsOf } from '../binding.js';
import { PUBLIC_SERVICES } from '../contracts.js';
import { registry } from '../json/messages.fixture.js';
import { openApi } from './document.js';
import { PAGE_POLICY, toPage } from './page.js';

const bindings = PUBLIC_SERVICES.flatMap(({ fullName }) => bindingsOf(registry, fullName));
const document = openApi(registry, bindings, '0.1.0');
const verdict = async (candidate: unknown) => new Validator().validate(structuredClone(candidate) as Record<string, unknown>);

describe('the OpenAPI document', () => {
  it('is one in the eyes of a validator that knows nothing of us', async () => {
    expect(await verdict(document)).toMatchObject({ valid: true });
  });

  it('would be refused if it were none', async () => {
    const { info: _, ...nameless } = document;
    expect(await verdict(nameless)).toMatchObject({ valid: false });
  });

  it('has every binding, each under a name of its own', () => {
    const operations = Object.values(document.paths).flatMap((verbs) => Object.values(verbs));
    expect(operations.length).toBe(bindings.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(bindings.length);
  });

  it('says what every call and every service is for', () => {
    for (const verbs of Object.values(document.paths)) for (const { summary, operationId } of Object.values(verbs)) expect({ operationId, summary }).toMatchObject({ summary: expect.stringMatching(/\S.*\.$/) as string });
    for (const { description } of document.tags) expect(description).toMatch(/\S/);
  });

  it('declares every parameter of a path, and refers to nothing that is not there', () => {
    for (const [path, verbs] of Object.entries(document.paths)) {
      const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
      for (const { parameters } of Object.values(verbs)) expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
    }
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas).toHaveProperty([name]);
  });

  it('calls things by their names', () => {
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/v1/models/{model}/versions/{version}', '/v1/models/{model}/aliases/{alias}:move', '/v1/entities/{entity}', '/v1/lineage/{name}']));
    const { parameters } = document.paths['/v1/models/{model}/aliases/{alias}:move']?.['post'] ?? { parameters: [] };
    expect(parameters.map(({ name }) => name)).toEqual(['model', 'alias', 'If-Match', 'X-Server-Timeout']);
  });
});

describe('the page', () => {
  const page = toPage(document);

  it('shows every call, and loads nothing from elsewhere', () => {
    for (const verbs of Object.values(document.paths)) for (const { operationId } of Object.values(verbs)) expect(page).toContain(`<details id="${operationId}">`);
    expect(page.match(/<script|<[^>]*\s(?:style|on\w+)=|(?:src|href)="(?!#|\/)/)).toBeNull();
    expect(PAGE_POLICY).not.toMatch(/unsafe|https?:/);
  });

  it('leads only to what stands on it', () => {
    const ids = new Set(Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id));
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('takes what a contract says as text', () => {
    const odd = toPage({ ...document, tags: [{ name: 'a', description: '<img src=x onerror=alert(1)> & `code`' }] });
    expect(odd).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; <code>code</code>');
  });
});
