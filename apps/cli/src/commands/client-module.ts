import { lastPart } from '../calls/names.js';
import type { ClientColumn } from './client-columns.js';

/** What a generated module says. */
export interface ClientModuleParts {
  /** The command that writes it anew. */
  readonly command: string;
  /** endpoints/{endpoint} */
  readonly endpoint: string;
  /** models/{model}/versions/{version} */
  readonly modelVersion: string;
  readonly columns: readonly ClientColumn[];
}

const TYPES: Readonly<Record<ClientColumn['type'], string>> = { BOOL: 'boolean', INT64: 'bigint | number', FLOAT64: 'number', STRING: 'string', TIMESTAMP: 'Date' };

/** A TypeScript module with a `predict()` for one endpoint: a change of a column is a change of a type, which breaks the compile of who calls it. */
export function clientModule({ command, endpoint, modelVersion, columns }: ClientModuleParts): string {
  const row = `${pascal(lastPart(endpoint))}Row`;
  const members = columns.map((column) => `${column.comment === '' ? '' : `  /** ${column.comment} */\n`}  readonly ${keyOf(column.name)}${column.optional ? '?' : ''}: ${typeOf(column)}${column.optional ? ' | undefined' : ''};\n`);
  return `// Written by \`${command}\` from the signature of ${modelVersion}. Write it anew when the model reads something else: what does not fit any more then does not compile.
import { predictor } from '@millrace/client';

/** One row for ${endpoint}. */
export interface ${row} {
${members.join('')}}

/** Asks ${endpoint} for a prediction for each row. */
export const predict = /* @__PURE__ */ predictor<${row}>('${endpoint}', {
${columns.map(({ name, type }) => `  ${keyOf(name)}: '${type}',\n`).join('')}});
`;
}

const typeOf = ({ type, categories }: ClientColumn): string => (categories.length === 0 ? TYPES[type] : categories.map(literal).join(' | '));

/** A key as it stands, between quotes, or computed where an object literal would take it for something else. */
const keyOf = (name: string): string => (name === '__proto__' ? `['__proto__']` : /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

/** A text as TypeScript writes it. */
const literal = (text: string): string => (/^[^'\\\p{C}\u2028\u2029]*$/u.test(text) ? `'${text}'` : JSON.stringify(text));

/** `late-flights` → `LateFlights`. */
const pascal = (name: string): string => name.split(/[^A-Za-z0-9]+/).map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('').replace(/^(?=\d)/, 'Endpoint');
