import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { houseRules } from './house-rules.mjs';

const linter = new Linter();
const found = (code) => linter.verify(code, { plugins: { house: houseRules }, rules: { 'house/engine-text': 'error' } }).map(({ message }) => /"(.*?)"/.exec(message)?.[1]);

describe('the text of one engine', () => {
  it.each([
    ['`SELECT epoch_us(${time}) FROM t`', 'epoch_us('],
    ["'SELECT fsum(x ORDER BY o) FROM t'", 'fsum('],
    ['`SELECT * FROM ${scan} AS a ASOF LEFT JOIN b ON a.t >= b.t`', 'ASOF'],
    ['`SELECT * EXCLUDE (${name}) FROM t`', '* EXCLUDE ('],
    ['`SELECT ${x}::DOUBLE FROM t`', '::DOUBLE'],
    ['`CAST(${x} AS HUGEINT)`', 'HUGEINT'],
    ['`hash(${x}, 7) % 10`', 'hash('],
    ["'list_filter(l, lambda x: x IS NOT NULL)'", 'list_filter('],
    ['`read_parquet([${files}])`', 'read_parquet('],
    ['`SELECT num_rows FROM parquet_file_metadata(${file})`', 'parquet_file_metadata('],
    ["`TRY_STRPTIME(${x}, '%Y')`", 'TRY_STRPTIME('],
    ['`strftime(${time}, ${format})`', 'strftime('],
    ["`regexp_replace(${x}, ',', '', 'g')`", 'regexp_replace('],
    ['`date + to_microseconds(${n})`', 'to_microseconds('],
    ['`arg_max(${x}, ${y})`', 'arg_max('],
    ['`WHERE strlen(${line}) > 5`', 'strlen('],
    ["`WHERE ends_with(${x}, '!')`", 'ends_with('],
    ['`WHERE len(${keys}) > 5`', 'len('],
    ["`SELECT {'file': ${name}} AS cell`", "{'file':"],
    ['`SELECT unnest(keys) AS key`', 'unnest('],
    ["`CAST(${x} AS TIMESTAMP) AT TIME ZONE 'UTC'`", 'AT TIME ZONE'],
    ["`trim(${x}, E'\\t')`", "E'\\"],
    ['`DESCRIBE SELECT * FROM ${scan}`', 'DESCRIBE SELECT'],
    ['`COPY (${query}) TO ${file}`', 'COPY ('],
    ["'SELECT * FROM t USING SAMPLE 10 ROWS'", 'USING SAMPLE'],
    ['`CAST(${x} AS TIMESTAMP_NS)`', 'TIMESTAMP_NS'],
  ])('is found: %s', (code, text) => expect(found(`const sql = ${code};`)).toEqual([text]));

  it.each([
    ['what engines share', '`SELECT CAST(${x} AS DOUBLE), count(*) FILTER (y > 0), row_number() OVER (PARTITION BY k ORDER BY t) FROM t QUALIFY n = 1`'],
    ['that of PostgreSQL', '`select k from unnest(${names}::text[]) as u(k) where hashtextextended(k, 0) > 0 union select k from unnest($2::text[]) as u(k)`'],
    ['that of SQLite', '`select strftime(\'%Y\', ${time})`'],
    ['prose', "'the histogram of the hash (of a list); see https://a.b//c'"],
    ['code', 'quantiles.histogram(hash(x))'],
  ])('is not %s', (_, code) => expect(found(`const sql = ${code};`)).toEqual([]));
});
