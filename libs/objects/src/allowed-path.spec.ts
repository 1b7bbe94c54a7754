import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveAllowedPath } from './index.js';

let dir: string;
let root: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-paths-')));
  root = join(dir, 'data');
  mkdirSync(join(root, 'inner'), { recursive: true });
  mkdirSync(join(dir, 'data-other'));
  writeFileSync(join(root, 'inner/a b.csv'), 'x');
  writeFileSync(join(dir, 'data-other/secret.csv'), 'x');
  symlinkSync(join(dir, 'data-other'), join(root, 'door'));
  symlinkSync(root, join(dir, 'alias'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('takes files and directories inside a root: absolute, relative to a root, as a file URI, or through a link that stays inside', async () => {
  const file = join(root, 'inner/a b.csv');
  expect(await resolveAllowedPath(file, [root])).toBe(file);
  expect(await resolveAllowedPath('inner/a b.csv', [join(dir, 'data-other'), root])).toBe(file);
  expect(await resolveAllowedPath(pathToFileURL(file).href, [root])).toBe(file);
  expect(await resolveAllowedPath(join(dir, 'alias/inner'), [root])).toBe(join(root, 'inner'));
  expect(await resolveAllowedPath(file, [join(dir, 'alias')])).toBe(file);
  expect(await resolveAllowedPath(root, [root])).toBe(root);
});

it('refuses what lies outside, by way of dots, a link or a similar name, whether it is there or not', async () => {
  for (const path of ['/etc/passwd', `${root}/../data-other/secret.csv`, join(root, 'door/secret.csv'), join(dir, 'data-other/secret.csv'), '../data-other/secret.csv', '/nowhere/x.csv', 'file:///etc/passwd']) {
    await expect(resolveAllowedPath(path, [root])).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'PATH_NOT_ALLOWED', metadata: { path, roots: root } });
  }
  await expect(resolveAllowedPath('/etc/passwd', [])).rejects.toMatchObject({ reason: 'PATH_NOT_ALLOWED' });
});

it('says what is missing inside a root, and what is no local path', async () => {
  await expect(resolveAllowedPath(join(root, 'none.csv'), [root])).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'PATH_NOT_FOUND' });
  await expect(resolveAllowedPath('none.csv', [root])).rejects.toMatchObject({ reason: 'PATH_NOT_FOUND' });
  for (const path of ['', 'a\0b', 's3://bucket/x.parquet', 'file://host/x']) await expect(resolveAllowedPath(path, [root])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PATH_INVALID' });
});
