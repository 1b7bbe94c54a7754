import { expect, it } from 'vitest';
import { checkDescribed, type Described, isSought } from './described.js';

const fault = (place: string, why: string): Error => new Error(`${place}: ${why}`);
const departures = { name: 'departures', description: 'How late flights LEAVE', owner: 'ann@example.com', tags: { domain: 'flights', tier: '', link: 'a:b' } };

it.each([
  [{ owner: 'two words' }, 'owner: an owner is a name or an address of at most 128 characters without spaces'],
  [{ owner: 'x'.repeat(129) }, 'owner: '],
  [{ tags: { '': 'x' } }, 'tags.: a key has 1 to 128 characters'],
  [{ tags: { 'a:b': 'x' } }, 'tags.a:b: a key has'],
  [{ tags: { team: 'a b' } }, 'tags.team: a value has at most 128 characters and no spaces'],
  [{ tags: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, ''])) }, 'tags: there are 65 of them, and at most 64 may be'],
] satisfies [Partial<Described>, string][])('refuses %o, and names the place', (change, why) => {
  expect(() => checkDescribed({ description: '', ...change }, fault)).toThrow(why);
});

it('takes what a filter can say, and nothing at all', () => {
  expect(() => checkDescribed(departures, fault)).not.toThrow();
  expect(() => checkDescribed({ description: '' }, fault)).not.toThrow();
});

it.each([
  [{}, true],
  [{ owner: 'ann@example.com' }, true],
  [{ owner: 'ann' }, false],
  [{ tag: 'tier' }, true],
  [{ tag: 'domain:flights' }, true],
  [{ tag: 'domain:trains' }, false],
  [{ tag: 'link:a:b' }, true],
  [{ tag: 'constructor' }, false],
  [{ text: 'PART' }, true],
  [{ text: 'leave' }, true],
  [{ text: 'arrive' }, false],
  [{ text: 'leave', owner: 'bob' }, false],
])('looked for by %o a view is one of them: %s', (sought, found) => expect(isSought(departures, sought)).toBe(found));
