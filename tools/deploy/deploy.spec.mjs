import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@millrace/standalone';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../docs/root.mjs';
import { composeFaults } from './compose-faults.mjs';
import { interpolated, readCompose, schemaFaults } from './compose.mjs';
import { dockerfileFaults } from './dockerfile-faults.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const compose = read('deploy/compose.yaml');
const dockerfile = read('deploy/docker/service.Dockerfile');
const surroundings = { root: ROOT, apps: services.map(({ name }) => name), ignored: read('.dockerignore') };

/** A text with a fault planted in it. */
const planted = (text, from, to) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('The Compose file', () => {
  it('fits the Compose Specification, and would run every service safely', () => {
    expect(schemaFaults(readCompose(compose))).toEqual([]);
    expect(composeFaults(compose)).toEqual([]);
  });

  it('takes from whoever starts it what the example of an environment names', () => {
    const named = [...read('deploy/example.env').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(interpolated(compose).filter((name) => name !== 'LOG_LEVEL')).toEqual(named.sort());
  });

  it.each([
    ['a key that Compose does not know', 'stop_grace_period: 45s', 'stop_grace_periode: 45s'],
    ['a wrong type', 'init: true', 'init: [true]'],
    ['a condition that there is not', '{ condition: service_healthy }', '{ condition: service_happy }'],
  ])('is refused by the schema with %s', (_, from, to) => {
    expect(schemaFaults(readCompose(planted(compose, from, to)))).not.toEqual([]);
  });

  it.each([
    ['registry is not there', '\n  registry:\n', '\n  registrar:\n'],
    ['ingestion: no service knows MILLRACE_SOURCE_ROUTES', 'MILLRACE_SOURCE_ROOTS:', 'MILLRACE_SOURCE_ROUTES:'],
    ['trainer: MILLRACE_KAFKA_BROKERS: Invalid', 'kafka:9092\n', 'kafka\n'],
    ['monitor: LOG_LEVEL: Invalid', ':-info', ':-loud'],
    ['monitor: MILLRACE_TRAINER_ADDRESS is not set', '  MILLRACE_TRAINER_ADDRESS: trainer:4301\n', ''],
    ['pipelines: MILLRACE_TRAINER_ADDRESS leads to trainers:4301', 'trainer:4301\n', 'trainers:4301\n'],
    ['trainer: is not built', 'APP: trainer', 'APP: registry'],
    ['monitor: may write to its root', 'read_only: true', 'read_only: false'],
    ['inference: keeps its data nowhere', "volumes: ['inference:/var/lib/millrace']", 'volumes: []'],
    ['redis: docker.io/library/redis:latest names no exact version', 'redis:7.0.15-bookworm', 'redis:latest'],
    ['s3: ROOT_SECRET_KEY stands in the file', 'ROOT_SECRET_KEY: ${MILLRACE_S3_SECRET_KEY:?say it in deploy/.env}', 'ROOT_SECRET_KEY: sesame'],
    ['registry: the password of MILLRACE_DATABASE_URL stands in the file', '${MILLRACE_POSTGRES_PASSWORD:?say it in deploy/.env}@', 'sesame@'],
    ['monitor: waits for the health of redis', 'test: [CMD, redis-cli, ping]', 'disable: true', (text) => text.replace(/ {4}healthcheck:\n {6}disable: true\n( {6}.*\n){3}/, '')],
    ['monitor: waits for redis, which is not there', '\n  redis:\n', '\n  radish:\n'],
    ['s3: the volume s3-data', 's3-data: ,', ''],
    ['postgres: the secret postgres_password is not declared', '  postgres_password:\n', '  another:\n'],
    ['inference: 4300:4300 is open to others', "'127.0.0.1:4300:4300'", "'4300:4300'"],
    ['127.0.0.1:4321 is published twice', '127.0.0.1:4331:', '127.0.0.1:4321:'],
  ])('is told: %s', (fault, from, to, more = (text) => text) => {
    expect(composeFaults(more(planted(compose, from, to))).filter((each) => each.startsWith(fault))).toHaveLength(1);
  });
});

describe('The Dockerfile', () => {
  it('has what it copies, and an entry for every service', () => {
    expect(dockerfileFaults(dockerfile, surroundings)).toEqual([]);
  });

  it.each([
    ['COPY librarys: there is no such thing', 'COPY libs libs', 'COPY librarys libs'],
    ['COPY docs: .dockerignore keeps it away', 'COPY libs libs', 'COPY docs libs'],
    ['COPY --from=builder: there is no such stage', '--from=build ', '--from=builder '],
    ['docker.io/library/node:24 names no exact version', 'node:24.21.0-bookworm-slim', 'node:24'],
    ['it runs as root', 'USER node\n', ''],
    ['it runs as root', 'USER node\n', 'USER node\nUSER root\n'],
    ['no health check asks for readiness', '/readyz', '/healthz'],
    ['it does not start apps/service/dist/main.js', '"apps/service/dist/main.js"', '"apps/service/main.js"'],
    ['it does not take the app', 'apps/${APP} apps', 'apps/registry apps'],
  ])('is told: %s', (fault, from, to) => {
    expect(dockerfileFaults(planted(dockerfile, from, to), surroundings).filter((each) => each.startsWith(fault))).toHaveLength(1);
  });

  it('is told of a service without an entry', () => {
    expect(dockerfileFaults(dockerfile, { ...surroundings, apps: ['bakery'] })).toEqual(['APP=bakery: there is no apps/bakery/src/main.ts']);
  });
});
