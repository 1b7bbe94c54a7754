import { text } from './quote.js';

/**
 * How the engine spells what is asked of texts, and what reads them as numbers and times. Where a cell cannot be read the value is NULL. Patterns are SQL of
 * regular expressions (RE2).
 */
export interface TextDialect {
  /** A cell as text. */
  text(cell: string): string;
  /** Whether a text is of the form of a pattern from beginning to end. */
  matches(text: string, pattern: string): string;
  /** Whether some part of a text is. */
  matchesPart(text: string, pattern: string): string;
  /** Whether a text ends with another one. */
  endsWith(text: string, end: string): string;
  /** A text without the parts that are of the form of a pattern. */
  withoutParts(text: string, pattern: string): string;
  /** A text without these characters at its ends. */
  trim(text: string, characters: string): string;
  /** The length of a text in bytes of UTF-8. */
  bytes(text: string): string;
  /** A cell as an integer that fits into so many bits, always in 64; one that is not whole may be rounded. */
  tryInteger(cell: string, bits?: 32 | 64): string;
  /** A cell as a double, which may be infinite or NaN. */
  tryDouble(cell: string): string;
  /** A text in ISO 8601 as a time; an offset in it may be lost. */
  tryTime(text: string): string;
  /** The same with an offset, as a time of UTC. */
  tryMoment(text: string): string;
  /** A text as a time by the first format of strptime that fits; a time of UTC where a format has an offset. */
  tryTimeBy(text: string, formats: readonly string[]): string;
  /** A double as text, with one digit before the point, so many behind it, and an exponent. */
  exponential(double: string, places: number): string;
  /** A time in the words of a format of strftime. */
  timeText(time: string, format: string): string;
}

/** DuckDB 1.5. */
export const DUCKDB_TEXTS: TextDialect = {
  text: (cell) => `CAST(${cell} AS VARCHAR)`,
  matches: (value, pattern) => `regexp_full_match(${value}, ${pattern})`,
  matchesPart: (value, pattern) => `regexp_matches(${value}, ${pattern})`,
  endsWith: (value, end) => `ends_with(${value}, ${end})`,
  withoutParts: (value, pattern) => `regexp_replace(${value}, ${pattern}, '', 'g')`,
  trim: (value, characters) => `trim(${value}, ${text(characters)})`,
  bytes: (value) => `strlen(${value})`,
  tryInteger: (cell, bits = 64) => (bits === 32 ? `CAST(TRY_CAST(${cell} AS INTEGER) AS BIGINT)` : `TRY_CAST(${cell} AS BIGINT)`),
  tryDouble: (cell) => `TRY_CAST(${cell} AS DOUBLE)`,
  tryTime: (value) => `TRY_CAST(${value} AS TIMESTAMP)`,
  // A cast to TIMESTAMP would drop the offset without a word.
  tryMoment: (value) => `(TRY_CAST(${value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')`,
  tryTimeBy: (value, formats) => {
    const [first = "''", ...others] = formats.map(text);
    const time = `TRY_STRPTIME(${value}, ${others.length === 0 ? first : `[${[first, ...others].join(', ')}]`})`;
    return formats.some((format) => /%z/i.test(format)) ? `(${time}::TIMESTAMPTZ AT TIME ZONE 'UTC')` : time;
  },
  exponential: (double, places) => `printf('%.${places}e', ${double})`,
  timeText: (time, format) => `strftime(${time}, ${text(format)})`,
};
