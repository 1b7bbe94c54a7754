import { MAX_COLUMNS } from '@millrace/core';
import { engine, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import { MAX_LINE_BYTES, type RawTable, refuseTooMany, textColumns } from './raw-table.js';
import { countRejects, rejectsIn } from './rejects.js';
import { refuseLongLines } from './size-limits.js';
import type { SourceFile } from './source-files.js';

const KEYS = engine.jsonKeys('line');
/** An object whose keys differ; JSON leaves open which of two equal keys counts. */
const OBJECT = `CASE WHEN ${engine.isJson('line')} THEN ${engine.isObject('line')} AND ${engine.size(KEYS)} = ${engine.size(engine.distinct(KEYS))} ELSE false END`;
const WHY = `CASE WHEN NOT ${engine.isJson('line')} THEN 'not JSON' WHEN NOT ${engine.isObject('line')} THEN 'not a JSON object' ELSE 'a key stands twice' END`;
const LONGEST_TEXT = 10_000;

/** Reads one JSON object a line; lines are read as text first, so that one broken line is one reject and not the end of the file. */
export async function openJsonLines(tables: Tables, file: SourceFile, { name }: { name: string }): Promise<RawTable> {
  await refuseLongLines(file);
  const lines = engine.csv({ path: file.path, columns: ['line'], header: false, delimiter: '', quote: '', maxLineBytes: MAX_LINE_BYTES, name });
  await tables.run(`CREATE TEMP TABLE ${name}_text AS SELECT row_number() OVER () AS _row, line FROM ${lines}`);
  return openObjects(tables, file, { name, unreadable: `SELECT CAST(line AS BIGINT) AS _row, _reasons, _text FROM (${engine.rejectedLines(name)})` });
}

/** Reads one JSON array of objects. */
export async function openJson(tables: Tables, file: SourceFile, { name }: { name: string }): Promise<RawTable> {
  await tables.run(`CREATE TEMP TABLE ${name}_text AS ${engine.jsonArray(file.path, MAX_LINE_BYTES)}`);
  return openObjects(tables, file, { name, unreadable: undefined });
}

/** An object of so few bytes cannot have more keys than there may be columns. */
const NARROW_BYTES = MAX_COLUMNS * 5;

/** One object of a million keys would make lists of a million names many times over, before they are counted. */
async function refuseWide(tables: Tables, file: SourceFile, lines: string): Promise<void> {
  const [found] = await tables.rows<{ keys: bigint | undefined }>(`SELECT max(CASE WHEN ${engine.isJson('line')} AND ${engine.isObject('line')} THEN ${engine.size(KEYS)} END) AS keys FROM ${lines} WHERE ${engine.bytes('line')} > ${NARROW_BYTES}`);
  refuseTooMany(file, Number(found?.keys ?? 0n));
}

/** Makes columns of the keys in `<name>_text`, where `_row` has counted the texts that could be read. */
async function openObjects(tables: Tables, file: SourceFile, { name, unreadable }: { name: string; unreadable: string | undefined }): Promise<RawTable> {
  const lines = `${name}_text`;
  await refuseWide(tables, file, lines);
  await tables.run(`CREATE TEMP TABLE ${lines}_bad AS ${unreadable ?? `SELECT CAST(1 AS BIGINT) AS _row, ${engine.text('NULL')} AS _reasons, ${engine.text('NULL')} AS _text LIMIT 0`}`);
  const broken = await rejectsIn(tables, `${lines}_bad`);
  if (broken) await countRejects(tables, lines, broken);
  const keys = (await tables.rows<{ key: string }>(`SELECT DISTINCT ${engine.each(KEYS)} AS key FROM ${lines} WHERE ${OBJECT} ORDER BY key`)).map(({ key }) => key);
  refuseTooMany(file, keys.length);
  if (keys.length === 0) throw errors.SOURCE_EMPTY({ file: file.label, why: 'none of its records is a JSON object with a key' });
  await tables.run(`INSERT INTO ${lines}_bad SELECT _row, ${WHY}, left(line, ${LONGEST_TEXT}) FROM ${lines} WHERE trim(coalesce(line, '')) <> '' AND NOT ${OBJECT}`);
  // The text of each value, so that 9007199254740993 keeps its digits; a JSON null becomes missing.
  const cells = keys.map((_, i) => `${engine.item('v', i)} AS c${i}`);
  await tables.run(`CREATE TEMP TABLE ${name} AS SELECT ${['_row', ...cells].join(', ')} FROM (SELECT _row, ${engine.jsonValues('line', keys)} AS v FROM ${lines} WHERE ${OBJECT})`);
  await tables.run(`DROP TABLE ${lines}`);
  return { file, relation: name, columns: textColumns(keys), rejects: await rejectsIn(tables, `${lines}_bad`) };
}
