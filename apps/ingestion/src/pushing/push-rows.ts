import { isUtf8 } from 'node:buffer';
import { errors } from '../errors.js';

/** Of one push; the body itself is bounded by the server. */
export const MAX_ROWS_A_PUSH = 50_000;
export const MAX_PUSH_BYTES = 8 * 1024 * 1024;
const MAX_ROW_BYTES = 1024 * 1024;

/** The rows of a push as lines, each the very text of one JSON object, so that no number loses a digit: JSON lines, or one array. PUSH_REFUSED names the first that is none by its place. */
export function pushedLines(bytes: Uint8Array): readonly string[] {
  const refused = (place: string, why: string): Error => errors.PUSH_REFUSED({ place, why });
  if (bytes.byteLength > MAX_PUSH_BYTES) throw refused('the body', `it has ${bytes.byteLength} bytes, and at most ${MAX_PUSH_BYTES} are taken at once`);
  if (!isUtf8(bytes)) throw refused('the body', 'it is not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const isArray = /^\s*\[/.test(text);
  const rows = isArray ? elements(text).map((row, i) => ({ row, place: `rows[${i}]` })) : text.split('\n').flatMap((row, i) => (row.trim() === '' ? [] : [{ row, place: `line ${i + 1}` }]));
  if (rows.length === 0) throw refused('the body', 'it holds no row; send JSON objects, one a line, or an array of them');
  if (rows.length > MAX_ROWS_A_PUSH) throw refused('the body', `it holds ${rows.length} rows, and at most ${MAX_ROWS_A_PUSH} are taken at once`);
  return rows.map(({ row, place }) => {
    if (row.length > MAX_ROW_BYTES) throw refused(place, `it is ${row.length} characters long, and at most ${MAX_ROW_BYTES} are taken`);
    const value = parsed(row);
    if (value === undefined) throw refused(place, 'it is no JSON');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(place, 'it is no JSON object');
    // Line breaks stand between the parts of a JSON text only.
    return row.trim().replace(/[\r\n]+/g, ' ');
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The texts between the commas of an array, whatever they are; PUSH_REFUSED where it does not end. */
function elements(text: string): readonly string[] {
  const found: string[] = [];
  let [depth, quoted, from, last] = [0, false, 0, -1];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '[' || char === '{') {
      if (++depth === 1) from = i + 1;
    } else if (char === ']' || char === '}') {
      if (--depth > 0) continue;
      last = i;
      break;
    } else if (char === ',' && depth === 1) {
      found.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (last < 0 || text.slice(last + 1).trim() !== '') throw errors.PUSH_REFUSED({ place: 'the body', why: last < 0 ? 'the array does not end' : 'something stands behind the array' });
  const rest = text.slice(from, last);
  return found.length === 0 && rest.trim() === '' ? [] : [...found, rest];
}
