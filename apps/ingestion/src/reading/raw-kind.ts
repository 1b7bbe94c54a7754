/** How a source gives a column: as text to be read, or in a type of its own. */
export type RawKind = 'TEXT' | 'INTEGER' | 'REAL' | 'DECIMAL' | 'BOOLEAN' | 'TIME' | 'ZONED_TIME' | 'UNSUPPORTED';

/** The kind of a DuckDB type name. */
export function rawKind(duckdbType: string): RawKind {
  if (duckdbType === 'VARCHAR' || duckdbType === 'JSON') return 'TEXT';
  if (duckdbType.startsWith('ENUM(') || duckdbType === 'UUID') return 'TEXT';
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(duckdbType)) return 'INTEGER';
  if (duckdbType === 'DOUBLE' || duckdbType === 'FLOAT') return 'REAL';
  if (duckdbType.startsWith('DECIMAL(')) return 'DECIMAL';
  if (duckdbType === 'BOOLEAN') return 'BOOLEAN';
  if (duckdbType === 'TIMESTAMP WITH TIME ZONE') return 'ZONED_TIME';
  return duckdbType.startsWith('TIMESTAMP') || duckdbType === 'DATE' ? 'TIME' : 'UNSUPPORTED';
}
