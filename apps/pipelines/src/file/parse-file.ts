import { createHash } from 'node:crypto';
import { canonicalJson } from '@millrace/core';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { errors } from '../errors.js';
import { type Fault, faultsOf } from './fault.js';
import { onDemandFaults } from './on-demand-faults.js';
import { type PipelineFile, pipelineFile } from './pipeline-file.js';
import { foldOf, SINCE, UNTIL } from './rollup-message.js';
import { sourceColumns } from './source-columns.js';

/** The largest file that is read. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** References that one file may resolve: a bound on what little text can grow to. */
const MAX_ALIASES = 100;
const MAX_FAULTS = 20;

/** A file with its meaning. */
export interface ParsedFile {
  readonly file: PipelineFile;
  /** Digest of the meaning: comments and order of keys do not count. */
  readonly digest: string;
}

/** Reads a pipeline file; every fault is named with line, place and reason. */
export function parseFile(source: string): ParsedFile {
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_FILE_BYTES) throw errors.FILE_TOO_LARGE({ bytes: String(bytes), limit: String(MAX_FILE_BYTES) });
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, version: '1.2', strict: true, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw errors.FILE_UNREADABLE({ line: String(line), column: String(col), why: broken.message.split('\n')[0] ?? '' }, { cause: broken });
  }
  let json: unknown;
  try {
    json = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw errors.FILE_UNREADABLE({ line: '1', column: '1', why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
  const result = pipelineFile.safeParse(json);
  if (!result.success) throw invalid(result.error.issues.flatMap((issue) => faultsOf(issue, json)), { document, lines });
  const crossed = crossFaults(result.data);
  if (crossed.length > 0) throw invalid(crossed, { document, lines });
  return { file: result.data, digest: `sha256:${createHash('sha256').update(canonicalJson(result.data)).digest('hex')}` };
}

/** Names that point at what the file does not have. */
function crossFaults(file: PipelineFile): readonly Fault[] {
  const { sources, entities, feature_views: views, on_demand_views: onDemand = {}, feature_services: services, training, ladder, endpoint, monitor, triggers } = file;
  const faults: Fault[] = [];
  const expect = (there: boolean, path: readonly PropertyKey[], message: string): void => void (there || faults.push({ path, message }));
  for (const [name, { rollup, contract }] of Object.entries(sources)) {
    if (!rollup) continue;
    expect(Object.hasOwn(sources, rollup.of), ['sources', name, 'rollup', 'of'], `there is no source "${rollup.of}"`);
    expect(!leadsBack(sources, name), ['sources', name, 'rollup', 'of'], 'it is rolled up from itself');
    for (const column of [...rollup.by, ...Object.values(rollup.columns).flatMap((spec) => foldOf(spec).column ?? [])]) {
      const known = sourceColumns(file, rollup.of).map((one) => one.name);
      expect(known.length === 0 || known.includes(column), ['sources', name, 'rollup'], `the source "${rollup.of}" has no column "${column}"`);
    }
    expect(contract.event_time === UNTIL || contract.event_time === SINCE, ['sources', name, 'contract', 'event_time'], `a rollup has the times "${SINCE}" and "${UNTIL}"`);
  }
  for (const [name, view] of Object.entries(views)) {
    expect(Object.hasOwn(entities, view.entity), ['feature_views', name, 'entity'], `there is no entity "${view.entity}"`);
    expect(Object.hasOwn(sources, view.source), ['feature_views', name, 'source'], `there is no source "${view.source}"`);
  }
  for (const [name, references] of Object.entries(services)) references.forEach(({ view }, i) => expect(Object.hasOwn(views, view) || Object.hasOwn(onDemand, view), ['feature_services', name, i, 'view'], `there is no feature view "${view}"`));
  expect(Object.hasOwn(sources, training.spine), ['training', 'spine'], `there is no source "${training.spine}"`);
  if (training.features !== undefined) expect(Object.hasOwn(services, training.features), ['training', 'features'], `there is no feature service "${training.features}"`);
  const columns = sourceColumns(file, training.spine).map(({ name }) => name);
  const isColumn = (column: string): boolean => columns.length === 0 || columns.includes(column) || Object.hasOwn(training.labels, column);
  const { split, groups = [] } = training;
  if (split.by === 'group') expect(isColumn(split.column), ['training', 'split', 'column'], `the source "${training.spine}" has no column "${split.column}"`);
  groups.forEach((group, i) => expect(isColumn(group), ['training', 'groups', i], `the source "${training.spine}" has no column "${group}"`));
  ladder.forEach(({ name }, i) => expect(ladder.findIndex((other) => other.name === name) === i, ['ladder', i, 'name'], `two rungs are called "${name}"`));
  expect(monitor === undefined || endpoint !== undefined, ['monitor'], 'a monitor needs an endpoint');
  for (const [name, { on }] of Object.entries(triggers)) if (on === 'drift' || on === 'performance') expect(monitor?.[on] !== undefined, ['triggers', name, 'on'], `nothing would ever fire it; give the monitor a rule under monitor.${on}`);
  return [...faults, ...onDemandFaults(file)];
}

function leadsBack(sources: PipelineFile['sources'], name: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined; at = sources[at]?.rollup?.of) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}

function invalid(faults: readonly Fault[], { document, lines }: { readonly document: Document; readonly lines: LineCounter }) {
  const told = faults.slice(0, MAX_FAULTS).map(({ path, message }) => `  line ${lineOf(path, document, lines)}, ${path.map(String).join('.') || 'the file'}: ${message}`);
  const more = faults.length > MAX_FAULTS ? [`  and ${faults.length - MAX_FAULTS} more`] : [];
  return errors.FILE_INVALID({ places: faults.length === 1 ? 'one place' : `${faults.length} places`, faults: [...told, ...more].join('\n') });
}

/** The line of a place: that of its key, or of the nearest one around it that stands in the file. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const around = document.getIn(path.slice(0, length - 1), true);
    const key = isMap(around) ? around.items.find((pair) => isScalar(pair.key) && pair.key.value === path[length - 1])?.key : document.getIn(path.slice(0, length), true);
    if (isNode(key) && key.range) return lines.linePos(key.range[0]).line;
  }
  return 1;
}
