import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { ROOT } from '../docs/root.mjs';

/** A variable of whoever starts it, as in ${NAME:?why} or ${NAME:-default}. */
const INTERPOLATED = /\$\{([A-Z0-9_]+)(?::?([-?+])([^}]*))?\}/g;

const schema = JSON.parse(readFileSync(`${ROOT}/third_party/compose-spec/compose-spec.json`, 'utf8'));
// Its name for the draft is by https, which no validator knows; the draft is the validator's own.
delete schema.$schema;
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

/** A Compose file as Compose reads it: anchors merged, variables not yet filled in. */
export const readCompose = (text) => parse(text, { merge: true });

/** Where a file departs from the Compose Specification. */
export function schemaFaults(compose) {
  validate(compose);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath || 'the file'} ${message} ${JSON.stringify(params)}`);
}

/** Names of the variables that a file takes from whoever starts it. */
export const interpolated = (text) => [...new Set([...text.matchAll(INTERPOLATED)].map(([, name]) => name))].sort();

/** A text with each variable filled in: its default, or a word that stands for what was said. */
export const filled = (text) => text.replaceAll(INTERPOLATED, (_, name, kind, rest) => (kind === '-' ? rest : name.toLowerCase()));
