export { canonicalJson, parseCanonicalJson } from './canonical-json.js';
export { entryUrl } from './entry-url.js';
export { AppError, type Code, defineErrors, isError, type Params } from './errors.js';
export { EVENT_HEADERS, type EventRecord } from './event-record.js';
export { parseFilter } from './filter.js';
export { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type PageRequest, parsePage, toPage } from './page.js';
export { resourceName } from './resource-name.js';
export { type Cell, type Column, COLUMN_TYPES, type ColumnType, MAX_COLUMNS, type Schema } from './schema.js';
export { uuidBound, uuidTime, uuidv7 } from './uuid.js';
