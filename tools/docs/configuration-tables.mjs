import { homeConfig } from '@millrace/service';
import { services } from '@millrace/standalone';
import { z } from 'zod';
import { code, table } from './markdown.mjs';

/** What every process reads. */
export const renderHome = () => tableOf(homeConfig);

/** What one service reads beside it. */
export function renderService(name) {
  const service = services.find((candidate) => candidate.name === name);
  if (!service) throw new Error(`There is no service ${name}; there are ${serviceNames().join(', ')}.`);
  return tableOf(service.config);
}

/** The names of all services, in the order in which they start. */
export const serviceNames = () => services.map(({ name }) => name);

/** Every variable of the schemas. */
export const variables = () => [homeConfig, ...services.map(({ config }) => config)].flatMap((config) => Object.keys(z.toJSONSchema(config).properties ?? {}));

function tableOf(config) {
  const properties = Object.entries(z.toJSONSchema(config).properties ?? {});
  if (properties.length === 0) return 'It reads no variables of its own.';
  const rows = properties.map(([name, schema]) => {
    if (!schema.description) throw new Error(`${name} is not described in its schema.`);
    return [code(name), defaultOf(schema), allowed(schema), schema.description];
  });
  return table(['variable', 'default', 'values', 'meaning'], rows);
}

function defaultOf({ default: value }) {
  if (value === undefined) return 'none';
  return value === process.cwd() ? 'the working directory' : code(String(value));
}

function allowed({ type, enum: values, pattern, format, minimum, maximum }) {
  if (values) return values.map(code).join(', ');
  if (pattern) return `text like ${code(pattern)}`;
  if (type === 'integer' || type === 'number') return `${type === 'integer' ? 'whole number' : 'number'} from ${minimum} to ${maximum}`;
  return format === 'uri' ? 'URL' : 'text';
}
