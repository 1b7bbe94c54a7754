import { text } from './quote.js';

/** How the engine spells what is asked of JSON in a text. */
export interface JsonDialect {
  /** Whether a text is JSON at all; the others ask it only where it is. */
  isJson(text: string): string;
  isObject(text: string): string;
  /** The keys of an object, as a list of texts; one that stands twice is there twice. */
  jsonKeys(text: string): string;
  /** The values that an object has at these keys, as a list of texts: a number with all its digits, null as NULL. */
  jsonValues(text: string, keys: readonly string[]): string;
}

/** A path of RFC 6901. */
const pointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** DuckDB 1.5. */
export const DUCKDB_JSON: JsonDialect = {
  isJson: (json) => `json_valid(${json})`,
  isObject: (json) => `(json_type(${json}) = 'OBJECT')`,
  jsonKeys: (json) => `json_keys(${json})`,
  jsonValues: (json, keys) => `json_extract_string(${json}, [${keys.map((key) => text(pointer(key))).join(', ')}])`,
};
