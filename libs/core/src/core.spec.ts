import { expect, it } from 'vitest';
import { canonicalJson, defineErrors, entryUrl, isError, parseCanonicalJson, parseFilter, parsePage, resourceName, toPage, uuidBound, uuidTime, uuidv7 } from './index.js';

it('gives every bit of a number back', () => {
  const value = { b: [-0, NaN, Infinity, -Infinity, 0.1, 5e-324], a: 2n ** 63n, nested: { y: 'é', x: null } };
  const text = canonicalJson(value);
  const back = parseCanonicalJson(text) as typeof value;
  expect(Object.is(back.b[0], -0)).toBe(true);
  expect(back).toEqual(value);
  expect(canonicalJson({ nested: { x: null, y: 'é' }, a: 2n ** 63n, b: value.b })).toBe(text);
});

it('takes texts that look like tags, and members of any name, for what they are', () => {
  const value = JSON.parse('{"text":"{\\"$f\\":\\"NaN\\"}","$f":[1],"__proto__":{"deep":1},"10":"b","9":"a"}') as Record<string, unknown>;
  expect(parseCanonicalJson(canonicalJson({ value, x: -0 }))).toEqual({ value, x: -0 });
  expect(Object.keys(parseCanonicalJson(canonicalJson(value)) as object)).toContain('__proto__');
  const tagged = JSON.parse('{"__proto__":{"$i":"7"}}') as object;
  expect(Object.getOwnPropertyDescriptor(parseCanonicalJson(JSON.stringify(tagged)), '__proto__')?.value).toBe(7n);
});

it('makes identifiers that sort by time and by order of the calls', () => {
  const ids = Array.from({ length: 10_000 }, () => uuidv7());
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  // What comes after time and counter is random in each.
  expect(new Set(ids.map((id) => id.slice(19))).size).toBe(ids.length);
  expect(Math.abs(uuidTime(ids[0] ?? '').getTime() - Date.now())).toBeLessThan(60_000);
  const made = uuidTime(ids[0] ?? '');
  expect(uuidBound(made) < (ids[0] ?? '')).toBe(true);
  expect(uuidBound(new Date(made.getTime() + 1)) > (ids[0] ?? '')).toBe(true);
  expect(uuidBound(new Date(0)) < uuidBound(made)).toBe(true);
});

it('pages through rows and refuses a token that it did not make', () => {
  const rows = ['a', 'b', 'ü'];
  const first = toPage(rows.slice(0, 3), parsePage({ pageSize: 2, pageToken: '' }, 'ListLoaves'), (row) => row);
  expect(first.rows).toEqual(['a', 'b']);
  const request = parsePage({ pageSize: 2, pageToken: first.nextPageToken }, 'ListLoaves');
  expect(request.after).toBe('b');
  expect(toPage(['ü'], request, (row) => row)).toEqual({ rows: ['ü'], nextPageToken: '' });
  const other = (asked: object, list: string) => () => parsePage({ pageSize: 2, pageToken: first.nextPageToken, ...asked }, list);
  expect(other({ filter: 'state=BAKED' }, 'ListLoaves')).toThrow('was not made by this List for these fields');
  expect(other({}, 'ListOvens')).toThrow('was not made by this List for these fields');
  expect(() => parsePage({ pageSize: 1, pageToken: 'bogus!' }, 'ListLoaves')).toThrow('Page token "bogus!"');
  expect(() => parsePage({ pageSize: -1, pageToken: '' }, 'ListLoaves')).toThrow('page_size is -1');
});

it('writes and reads resource names, and says which form was expected', () => {
  const name = resourceName('models/{model}/versions/{version}');
  expect(name.parse(name.format({ model: 'late-flights', version: 3 }))).toEqual({ model: 'late-flights', version: '3' });
  expect(() => name.parse('models/../versions/1')).toThrow('"models/../versions/1" is not of the form models/{model}/versions/{version}.');
});

it('carries what varies in an error as metadata too', () => {
  const errors = defineErrors('x.millrace', { GONE: { code: 'NOT_FOUND', message: '{name} is gone.' } });
  // Errors travel in headers, rows and events, so no value is longer than they take.
  expect(errors.GONE({ name: 'x'.repeat(1_000_000) })).toMatchObject({ message: expect.stringMatching(/^x{3999}… is gone\.$/), metadata: { name: expect.stringMatching(/^x{3999}…$/) } });
  const error = errors.GONE({ name: 'models/m' });
  expect(error).toMatchObject({ message: 'models/m is gone.', metadata: { name: 'models/m' }, retryable: false });
  expect(isError(error, 'x.millrace', 'GONE')).toBe(true);
  expect(isError(error, 'y.millrace', 'GONE')).toBe(false);
});

it('sends a caller in src to the built entry point', () => {
  expect(entryUrl('file:///src/millrace/libs/jobs/src/run.ts', './x.job.js').href).toBe('file:///src/millrace/libs/jobs/dist/x.job.js');
  expect(entryUrl('file:///m/libs/jobs/dist/run.js', './x.job.js').href).toBe('file:///m/libs/jobs/dist/x.job.js');
});

it('reads a filter and names the fields that may stand in it', () => {
  expect(parseFilter('state=FAILED AND dataset="datasets/flights"', ['state', 'dataset'])).toEqual({ state: 'FAILED', dataset: 'datasets/flights' });
  expect(parseFilter('', ['state'])).toEqual({});
  expect(() => parseFilter('owner=me', ['state'])).toThrow('Filter term "owner=me" is not of the form field=value with a field of: state.');
  expect(() => parseFilter('state', ['state'])).toThrow('Filter term "state"');
});
