import { homeConfig } from '@millrace/service';
import { addressVariable } from '@millrace/rpc';
import { services } from '@millrace/standalone';
import { z } from 'zod';
import { filled, readCompose } from './compose.mjs';

/** What the S3 client reads by itself. */
const OF_THE_SDK = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const SECRET = /PASSWORD|SECRET|ACCESS_KEY/;
const PINNED = /(:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?|@sha256:[0-9a-f]{64})$/;
const addresses = services.flatMap(({ serves }) => serves.map(addressVariable));

/** What would not work, or not safely, of a Compose file that fits its schema; in words, one for each fault. */
export function composeFaults(text) {
  const compose = readCompose(text);
  return [...missing(compose), ...services.flatMap((service) => serviceFaults(service, compose)), ...Object.entries(compose.services).flatMap(([name, container]) => containerFaults(name, container, compose)), ...portFaults(compose)];
}

const missing = (compose) => services.filter(({ name }) => compose.services[name] === undefined).map(({ name }) => `${name} is not there`);

function serviceFaults({ name, config }, compose) {
  const container = compose.services[name];
  if (container === undefined) return [];
  const environment = container.environment ?? {};
  const known = new Set([...keysOf(homeConfig), ...keysOf(config), ...addresses, ...OF_THE_SDK]);
  const values = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, filled(String(value))]));
  const invalid = [homeConfig, config].flatMap((schema) => schema.safeParse(values).error?.issues ?? []).map(({ path, message }) => `${name}: ${path.join('.')}: ${message}`);
  return [
    ...Object.keys(environment).filter((key) => !known.has(key)).map((key) => `${name}: no service knows ${key}`),
    ...invalid,
    ...addresses.filter((key) => environment[key] === undefined).map((key) => `${name}: ${key} is not set`),
    ...Object.entries(environment).filter(([key]) => addresses.includes(key)).filter(([, value]) => compose.services[String(value).split(':')[0]] === undefined).map(([key, value]) => `${name}: ${key} leads to ${value}, which is not there`),
    ...(container.build?.args?.APP === name && container.build.dockerfile === 'deploy/docker/service.Dockerfile' ? [] : [`${name}: is not built from the one Dockerfile with its own name as APP`]),
    ...(container.read_only === true && container.cap_drop?.includes('ALL') && container.user !== 'root' ? [] : [`${name}: may write to its root, or do more than it needs`]),
    ...(container.volumes ?? []).some((volume) => String(volume).endsWith(':/var/lib/millrace')) ? [] : [`${name}: keeps its data nowhere`],
  ];
}

function containerFaults(name, { image = '', environment = {}, depends_on: needs = {}, volumes = [], secrets = [] }, compose) {
  return [
    ...(PINNED.test(image) ? [] : [`${name}: ${image} names no exact version`]),
    ...Object.entries(environment).filter(([key, value]) => SECRET.test(key) && !key.endsWith('_FILE') && !/^\$\{[^}]*\}$/.test(String(value))).map(([key]) => `${name}: ${key} stands in the file`),
    ...Object.entries(environment).filter(([, value]) => /\/\/[^/@\s]*:(?!\$\{)[^@/]+@/.test(String(value))).map(([key]) => `${name}: the password of ${key} stands in the file`),
    ...Object.entries(needs).flatMap(([other, { condition }]) => {
      const needed = compose.services[other];
      if (needed === undefined) return [`${name}: waits for ${other}, which is not there`];
      return condition === 'service_healthy' && needed.healthcheck === undefined ? [`${name}: waits for the health of ${other}, which has no health check`] : [];
    }),
    ...volumes.filter((volume) => typeof volume === 'string' && !Object.hasOwn(compose.volumes, volume.split(':')[0])).map((volume) => `${name}: the volume ${volume} is not declared`),
    ...secrets.filter((secret) => !Object.hasOwn(compose.secrets ?? {}, secret)).map((secret) => `${name}: the secret ${secret} is not declared`),
  ];
}

function portFaults(compose) {
  const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, String(port)]));
  const hosts = published.map(([, port]) => port.slice(0, port.lastIndexOf(':')));
  return [
    ...published.filter(([, port]) => !port.startsWith('127.0.0.1:')).map(([name, port]) => `${name}: ${port} is open to others, and nobody is asked who they are`),
    ...hosts.filter((host, index) => hosts.indexOf(host) !== index).map((host) => `${host} is published twice`),
  ];
}

const keysOf = (config) => Object.keys(z.toJSONSchema(config).properties ?? {});
