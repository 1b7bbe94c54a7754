import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setUp } from './set-up.mjs';
import { SetUpError } from './set-up-error.mjs';
import { stepsOf } from './steps.mjs';

let root;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'millrace-set-up-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name, text) => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};
const stamp = () => JSON.parse(readFileSync(join(root, 'node_modules/.millrace-setup.json'), 'utf8'));

/** A step that makes the file `<id>.made` from the file `<id>`. */
const stepOf = (id, run = () => undefined) => ({
  id,
  title: id,
  isNeeded: () => true,
  fingerprint: () => readFileSync(join(root, id), 'utf8'),
  present: () => existsSync(join(root, `${id}.made`)),
  run: async () => {
    await run();
    write(`${id}.made`, '');
  },
});

describe('a set-up', () => {
  it('does every step once, and nothing while nothing changes', async () => {
    write('a', '1');
    write('b', '1');
    const steps = [stepOf('a'), stepOf('b')];
    expect(await setUp(root, { steps })).toBe(2);
    expect(await setUp(root, { steps })).toBe(0);
    expect(stamp()).toEqual({ a: '1', b: '1' });
  });

  it('does a step again when its sources changed or what it made is gone', async () => {
    write('a', '1');
    write('b', '1');
    const steps = [stepOf('a'), stepOf('b')];
    await setUp(root, { steps });
    write('b', '2');
    expect(await setUp(root, { steps })).toBe(1);
    rmSync(join(root, 'a.made'));
    expect(await setUp(root, { steps })).toBe(1);
    expect(stamp()).toEqual({ a: '1', b: '2' });
  });

  it('leaves no stamp of a step that failed, keeps those before it, and lets the lock go', async () => {
    write('a', '1');
    write('b', '1');
    write('c', '1');
    await setUp(root, { steps: [stepOf('b')] });
    write('b', '2');
    const failing = stepOf('b', () => Promise.reject(new SetUpError('b', 'It broke.')));
    await expect(setUp(root, { steps: [stepOf('a'), failing, stepOf('c')] })).rejects.toThrow('It broke.');
    expect(stamp()).toEqual({ a: '1' });
    expect(existsSync(join(root, '.millrace/setup.lock'))).toBe(false);
    expect(await setUp(root, { steps: [stepOf('a'), stepOf('b'), stepOf('c')] })).toBe(2);
  });

  it('does again what changed while it was being done', async () => {
    write('a', '1');
    expect(await setUp(root, { steps: [stepOf('a', () => write('a', '2'))] })).toBe(1);
    expect(await setUp(root, { steps: [stepOf('a')] })).toBe(1);
  });

  it('records what it finds done, and leaves out what is not needed', async () => {
    write('a', '1');
    write('a.made', '');
    const fail = () => Promise.reject(new Error('must not run'));
    const steps = [{ ...stepOf('a', fail), adopt: () => true }, { ...stepOf('b', fail), isNeeded: () => false }];
    expect(await setUp(root, { steps })).toBe(0);
    expect(stamp()).toEqual({ a: '1' });
  });

  it('starts anew from a stamp that cannot be read', async () => {
    write('a', '1');
    write('node_modules/.millrace-setup.json', '{"a": "1');
    expect(await setUp(root, { steps: [stepOf('a')] })).toBe(1);
    expect(stamp()).toEqual({ a: '1' });
  });
});

describe('the steps of the workspace', () => {
  const fingerprints = () => Object.fromEntries(stepsOf(root).map((step) => [step.id, step.fingerprint()]));
  const changed = (before) => Object.entries(fingerprints()).flatMap(([id, print]) => (print === before[id] ? [] : [id]));

  beforeEach(() => {
    write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' }, 'node_modules/elsewhere': { version: '1.0.0', optional: true } } }));
    write('tsconfig.json', JSON.stringify({ references: [{ path: 'libs/core' }] }));
    write('libs/core/src/index.ts', 'export {};');
    write('proto/a.proto', 'syntax = "proto3";');
    write('buf.yaml', 'version: v2');
  });

  it('are all done again when the lock changes', () => {
    const before = fingerprints();
    write('package-lock.json', '{}');
    expect(changed(before)).toEqual(['packages', 'contracts', 'kernels', 'build', 'page']);
  });

  it('generate contracts when a proto changes, not when it is only touched', () => {
    const before = fingerprints();
    utimesSync(join(root, 'proto/a.proto'), 1, 1);
    expect(changed(before)).toEqual([]);
    write('proto/b.proto', 'syntax = "proto3";');
    expect(changed(before)).toEqual(['contracts', 'page']);
  });

  it('make the page anew when a file of it changes, and only that', () => {
    const before = fingerprints();
    write('apps/dashboard/src/main.tsx', 'export {};');
    expect(changed(before)).toEqual(['page']);
  });

  it('build when a source is written, added or removed, not when something is built', () => {
    const before = fingerprints();
    write('libs/core/dist/index.js', '');
    expect(changed(before)).toEqual([]);
    utimesSync(join(root, 'libs/core/src/index.ts'), 1, 1);
    expect(changed(before)).toEqual(['build']);
    const touched = fingerprints();
    write('libs/core/src/more.ts', '');
    expect(changed(touched)).toEqual(['build']);
    rmSync(join(root, 'libs/core/src/more.ts'));
    expect(changed(touched)).toEqual([]);
  });

  it('take an installation for theirs only when it is whole and as the lock says', () => {
    const packages = () => stepsOf(root)[0]?.adopt();
    const found = (entries) => write('node_modules/.package-lock.json', JSON.stringify({ packages: entries }));
    expect(packages()).toBe(false);
    found({ 'node_modules/one': { version: '1.0.0' } });
    expect(packages()).toBe(false);
    write('node_modules/one/package.json', '{}');
    expect(packages()).toBe(true);
    found({ 'node_modules/one': { version: '1.0.1' } });
    expect(packages()).toBe(false);
    found({ 'node_modules/one': { version: '1.0.0' }, 'node_modules/stray': { version: '1.0.0' } });
    expect(packages()).toBe(false);
  });
});
