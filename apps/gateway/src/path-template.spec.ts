import { describe, expect, it } from 'vitest';
import { parseTemplate, pathOf, patternOf, routeOf, variablesReader } from './path-template.js';

describe('a path template', () => {
  it.each([
    ['/v1/models', '/v1/models'],
    ['/v1/{name=models/*}', '/v1/models/:p0([^/]+)'],
    ['/v1/{name=models/*/versions/*}:certify', '/v1/models/:p0([^/]+)/versions/:p1([^/]+)::certify'],
    ['/v1/{parent=endpoints/*}/predictions/{id}', '/v1/endpoints/:p0([^/]+)/predictions/:p1([^/]+)'],
    ['/v1/lineage/{name=**}', '/v1/lineage/*'],
    ['/v1/alerts:watch', '/v1/alerts::watch'],
  ])('%s is the route %s', (text, route) => {
    expect(routeOf(parseTemplate(text))).toBe(route);
  });

  it('fills each variable with what stands at its place', () => {
    expect(variablesReader(parseTemplate('/v1/{name=models/*/versions/*}:certify'))({ p0: 'late', p1: '3' })).toEqual(['models/late/versions/3']);
    expect(variablesReader(parseTemplate('/v1/{parent=endpoints/*}/predictions/{id}'))({ p0: 'late', p1: '01' })).toEqual(['endpoints/late', '01']);
    expect(variablesReader(parseTemplate('/v1/lineage/{name=**}'))({ '*': 'models/late/versions/3' })).toEqual(['models/late/versions/3']);
  });

  it('knows its own paths', () => {
    const certify = patternOf(parseTemplate('/v1/{name=models/*/versions/*}:certify'));
    expect(['/v1/models/a/versions/3:certify', '/v1/models/a/versions/3', '/v1/models/a/b/versions/3:certify', '/v1/models/a/versions/3:certify/x'].map((path) => certify.test(path))).toEqual([true, false, false, false]);
    expect(patternOf(parseTemplate('/v1/lineage/{name=**}')).test('/v1/lineage/models/a')).toBe(true);
  });

  it('names each wildcard for people', () => {
    expect(pathOf(parseTemplate('/v1/{entity.name=entities/*}'), (before, { field }) => `${before} of ${field.join('.')}`)).toBe('/v1/entities/{entities of entity.name}');
  });

  it.each(['v1/models', '/v1/{name=**}:verb', '/v1/{name=**}/versions', '/v1/*', '/v1/{Name}', '/v1/models:', '/v1/{name', ''])('%j is none', (text) => {
    expect(() => parseTemplate(text)).toThrow(SyntaxError);
  });
});
