import { expect, it } from 'vitest';
import { EntityState } from '../entity-state.js';
import { DecodedEntities } from './decoded-entities.js';

const decode = () => ({ state: new EntityState(), answers: undefined });

it('gives the state of the very value, and decodes another one anew', () => {
  const decoded = new DecodedEntities();
  const first = decoded.of('a', { generation: 'g', stamp: 1n, bytes: 10 }, decode);
  expect(decoded.of('a', { generation: 'g', stamp: 1n, bytes: 10 }, decode)).toBe(first);
  expect(decoded.of('a', { generation: 'g', stamp: 2n, bytes: 10 }, decode)).not.toBe(first);
  expect(decoded.of('a', { generation: 'h', stamp: 1n, bytes: 10 }, decode)).not.toBe(first);
});

it('keeps those that were asked for last, up to a bound', () => {
  const decoded = new DecodedEntities(25);
  const [a, b] = ['a', 'b'].map((id) => decoded.of(id, { generation: 'g', stamp: 1n, bytes: 10 }, decode));
  expect(decoded.of('a', { generation: 'g', stamp: 1n, bytes: 10 }, decode)).toBe(a);
  decoded.of('c', { generation: 'g', stamp: 1n, bytes: 10 }, decode);
  expect(decoded.of('a', { generation: 'g', stamp: 1n, bytes: 10 }, decode)).toBe(a);
  expect(decoded.of('b', { generation: 'g', stamp: 1n, bytes: 10 }, decode)).not.toBe(b);
});

it('keeps nothing of a value that cannot be decoded', () => {
  const decoded = new DecodedEntities(25);
  const fail = (): never => {
    throw new Error('damaged');
  };
  for (let i = 0; i < 10; i++) expect(() => decoded.of('a', { generation: 'g', stamp: BigInt(i), bytes: 10 }, fail)).toThrow('damaged');
  const b = decoded.of('b', { generation: 'g', stamp: 1n, bytes: 20 }, decode);
  expect(decoded.of('b', { generation: 'g', stamp: 1n, bytes: 20 }, decode)).toBe(b);
});
