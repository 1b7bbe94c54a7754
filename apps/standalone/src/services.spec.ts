import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { services } from './index.js';

const PROTO = fileURLToPath(new URL('../../../proto', import.meta.url));

/** Full names of the services that the proto files of the product declare. */
const declared = readdirSync(PROTO, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('_service.proto'))
  .flatMap((file) => {
    const text = readFileSync(`${PROTO}/${file}`, 'utf8');
    const [, name = ''] = /^package ([\w.]+);/m.exec(text) ?? [];
    return Array.from(text.matchAll(/^service (\w+) \{/gm), ([, service = '']) => `${name}.${service}`);
  });

/** Served by every process itself. */
const BY_THE_CHASSIS = ['millrace.archive.v1.ArchiveService'];

it('serves every service of the contracts, each by one of its own', () => {
  expect(declared.length).toBe(8);
  expect([...BY_THE_CHASSIS, ...services.flatMap(({ serves }) => serves.map(({ fullName }) => fullName))].sort()).toEqual([...declared].sort());
});

it('gives every service a name, and so a directory, of its own', () => {
  expect(new Set(services.map(({ name }) => name)).size).toBe(services.length);
  for (const { name } of services) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
