import { expect, it } from 'vitest';
import { createClient, createClientOf, type Input } from './index.js';
import { aliases, models } from './gen/nouns.js';
import { Model } from './gen/millrace/registry/v1/model.js';
import { Value } from './gen/millrace/type/v1/value.js';

// What must not compile is marked; the build fails where it does.
const options = { baseUrl: 'http://127.0.0.1:1', retry: false } as const;

it('asks for the fields that a path is made of, and for no others', async () => {
  const client = createClient(options);
  // @ts-expect-error -- a model is got by its name
  await expect(client.models.get({})).rejects.toMatchObject({ reason: 'PATH_UNFIT' });
  // @ts-expect-error -- the endpoint holds its name, and is the body
  await expect(client.endpoints.apply()).rejects.toMatchObject({ reason: 'PATH_UNFIT' });
  await expect(client.endpoints.apply({ endpoint: {} })).rejects.toMatchObject({ reason: 'PATH_UNFIT' });
  await expect(client.models.list().pages()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'NO_ANSWER' });
});

it('knows what a field is called and what it holds', () => {
  // @ts-expect-error -- a model has no colour
  const strange: Input<Model> = { name: 'models/late', colour: 'red' };
  // @ts-expect-error -- a time is a Date
  const mistyped: Input<Model> = { createTime: '2001-04-01' };
  expect(Model.write(strange as Model)).toEqual({ name: 'models/late', colour: 'red' });
  expect(() => Model.write(mistyped as Model)).toThrow();
});

it('holds one kind of a cell at most', () => {
  const one: Input<Value> = { int64Value: 3 };
  const none: Input<Value> = {};
  // @ts-expect-error -- a cell is of one kind
  const both: Input<Value> = { int64Value: 3n, stringValue: 'x' };
  const written = [one, none, both].map((value) => Value.write(value as Value));
  expect(written).toEqual([{ int64Value: '3' }, {}, { int64Value: '3', stringValue: 'x' }]);
});

it('has the nouns that it was given', () => {
  const client = createClientOf(options, { aliases, models });
  expect(Object.keys(client)).toEqual(['aliases', 'models']);
  // @ts-expect-error -- nobody asked for runs
  expect(client.runs).toBeUndefined();
});
