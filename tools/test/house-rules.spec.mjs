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
  ])('is found: %s', (code, text) => expect(found(`const sql = ${code};`)).toEqual([text]));

  it.each([
    ['what engines share', '`SELECT CAST(${x} AS DOUBLE), count(*) FILTER (y > 0), row_number() OVER (PARTITION BY k ORDER BY t) FROM t QUALIFY n = 1`'],
    ['that of PostgreSQL', '`select k from unnest(${names}::text[]) as u(k) where hashtextextended(k, 0) > 0`'],
    ['prose', "'the histogram of the hash (of a list); see https://a.b//c'"],
    ['code', 'quantiles.histogram(hash(x))'],
  ])('is not %s', (_, code) => expect(found(`const sql = ${code};`)).toEqual([]));
});
