import { type Cell, type PageRequest, toPage } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { formulaColumns } from '@millrace/plan';
import { openTables, type Tables } from '@millrace/tables';
import { requireAsked } from './asked-cells.js';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { type ExplainedFeature, isIncomplete, type SourceRow, statusOf } from './explanation.js';
import { type ComputedReference, featureServiceName, type ResolvedService, spokenName } from './feature-service.js';
import { type Feature, type FeatureView, featureViewName, isNewest } from './feature-view.js';
import { type AskedKey, type Asking, loadRows, rowsOf, valuesOf } from './offline/key-history.js';
import { countSourceRows, readSourceRows } from './offline/read-source-rows.js';
import { type KeyRows, newestEventSql, windowOf } from './offline/source-rows-sql.js';
import type { OnlineStore } from './online/online.store.js';
import { type Ingestion, readReferences, type SourcedReference } from './source-table.js';

/** One feature of one key, of which rows are wanted. */
export interface AskedFeature {
  readonly feature: string;
  readonly asked: AskedKey;
  /** Empty means the newest. */
  readonly datasetVersion: string;
}

/** One page of the rows that a feature was made of. */
export interface SourceRowPage {
  readonly rows: readonly SourceRow[];
  readonly nextPageToken: string;
  readonly datasetVersion: string;
  readonly total: bigint;
}

const MEMORY = '512MB';

/** Says what features were made of, down to the rows of dataset versions. It reads the rows of one key, so it needs no job. */
export class ExplanationService {
  constructor(
    private readonly definitions: DefinitionService,
    private readonly objects: ObjectStore,
    private readonly ingestion: Ingestion,
    private readonly pushes: Pick<OnlineStore, 'pushesSince' | 'forgotten'>,
  ) {}

  /** Every feature of a service for one key as of a time, computed from the newest version of each dataset; throws KEY_MISSING. */
  async explain(name: string, asked: AskedKey, signal: AbortSignal): Promise<readonly ExplainedFeature[]> {
    const service = await this.definitions.resolve(name);
    requireAsked(service, [{ ...asked, values: {} }]);
    const references = await readReferences(this.ingestion, service.reads);
    await using tables = await openTables({ objects: this.objects, memoryLimit: MEMORY, threads: 1 });
    const ends = await this.#load(references, { tables, asked, signal });
    const values = await valuesOf(service, references, { tables, asked, signal });
    const read = (await Promise.all(references.map(async (reference, index) => explainReference(reference, { tables, index, time: asked.time, through: ends[index], forgotten: await this.pushes.forgotten(reference.reference.view.view), values, signal })))).flat();
    const computed = service.computed.flatMap((reference) => explainComputed(reference, service, values));
    const all = [...read, ...computed];
    const named = service.features.flatMap((feature) => all.filter((each) => each.feature === feature));
    return [...named, ...all.filter((each) => !named.includes(each))];
  }

  /** The rows that one feature was made of, a page at a time; throws KEY_MISSING, FEATURE_WITHOUT_ROWS, and OTHER_DATASET where the version is of another one. */
  async list(name: string, { feature: wanted, asked, datasetVersion }: AskedFeature, page: PageRequest, signal: AbortSignal): Promise<SourceRowPage> {
    const service = await this.definitions.resolve(name);
    const found = service.reads.flatMap((reference) => reference.features.map((feature) => ({ reference, feature: feature.feature, called: spokenName(reference, feature) })));
    const sought = found.find(({ called }) => called === wanted);
    if (!sought) throw errors.FEATURE_WITHOUT_ROWS({ service: featureServiceName.format({ service: name }), feature: wanted, found: found.map(({ called }) => called).join(', ') });
    requireAsked({ ...service, reads: [sought.reference], computed: [] }, [{ ...asked, values: {} }]);
    const { view } = sought.reference;
    // A token says which version its page is of, so that all pages are of one.
    const [of = datasetVersion, place = '0'] = page.after?.split(' ') ?? [];
    if (of !== '' && !of.startsWith(`datasets/${view.dataset}/`)) throw errors.OTHER_DATASET({ view: featureViewName.format(view), dataset: view.dataset, version: of });
    const [reference] = await readReferences(this.ingestion, [sought.reference], of);
    if (!reference) throw new Error(`A reference of ${name} went missing.`);
    await using tables = await openTables({ objects: this.objects, memoryLimit: MEMORY, threads: 1 });
    await this.#load([reference], { tables, asked, signal });
    const from = Number(place);
    const input = { relation: rowsOf(0), schema: reference.source.schema, time: asked.time };
    const { rows: read, total } = await readSourceRows(view, sought.feature, { ...input, tables, signal, from, most: page.size + 1 });
    const { rows, nextPageToken } = toPage(read.map((row, i) => ({ row, next: from + i + 1 })), page, ({ next }) => `${reference.version} ${next}`);
    return { rows: rows.map(({ row }) => row), nextPageToken, datasetVersion: reference.version, total };
  }
  #load(references: readonly SourcedReference[], asking: Asking): Promise<readonly (number | undefined)[]> {
    return loadRows(references, { ...asking, pushesSince: (view, from) => this.pushes.pushesSince(view, from) });
  }
}

interface Explaining {
  /** Newest event of the version. */
  readonly through: number | undefined;
  /** Newest knowledge among pushed rows that are no longer kept. */
  readonly forgotten: number | undefined;
  readonly tables: Tables;
  readonly index: number;
  readonly time: number;
  readonly values: Readonly<Record<string, Cell>>;
  readonly signal: AbortSignal;
}

/** What is told of the rows that features were made of. */
interface RowFacts {
  readonly rows: bigint;
  readonly pushed: bigint;
  readonly newestEvent: number | undefined;
}

async function readFacts(view: FeatureView, feature: Feature, { tables, signal, ...input }: KeyRows & Pick<Explaining, 'tables' | 'signal'>): Promise<RowFacts> {
  const counted = await countSourceRows(view, feature, { ...input, tables, signal });
  const [newest] = await tables.rows<{ event: bigint | undefined }>(newestEventSql(view, feature, input), undefined, { signal });
  return { ...counted, newestEvent: newest?.event === undefined ? undefined : Number(newest.event) };
}

async function explainReference({ reference, source, version }: SourcedReference, { tables, index, time, through, forgotten, values, signal }: Explaining): Promise<readonly ExplainedFeature[]> {
  const { view } = reference;
  const input = { relation: rowsOf(index), schema: source.schema, time };
  const explained: ExplainedFeature[] = [];
  const facts = new Map<string, Promise<RowFacts>>();
  for (const named of reference.features) {
    const { feature, as } = named;
    const window = isNewest(feature.aggregation) ? undefined : windowOf(view, feature, time);
    // Features of one window are made of the same rows; what looks back sees the same rows in every column.
    const rows = window ? String(feature.window) : feature.aggregation === 'LATEST' ? 'latest' : 'back';
    const told = facts.get(rows) ?? readFacts(view, feature, { ...input, tables, signal });
    facts.set(rows, told);
    const { newestEvent, ...counted } = await told;
    const value = values[as];
    explained.push({
      feature: spokenName(reference, named),
      value,
      status: statusOf(value, { newestEvent, time, ttl: view.ttl }),
      view: view.view,
      datasetVersion: version,
      window,
      ...counted,
      incomplete: isIncomplete({ through, forgotten, from: window?.from }),
      newestEvent,
      through,
      reads: [],
    });
  }
  return explained;
}

function explainComputed({ view, features, columns }: ComputedReference, { reads }: ResolvedService, values: Explaining['values']): readonly ExplainedFeature[] {
  const called = new Map(reads.flatMap((reference) => reference.features.map((feature) => [feature.as, spokenName(reference, feature)] as const)));
  return features.map(({ feature, as }): ExplainedFeature => {
    const read = new Set(formulaColumns(feature.formula));
    const value = values[as];
    return {
      feature: as,
      value,
      status: value === undefined ? 'NOT_FOUND' : 'PRESENT',
      view: view.view,
      datasetVersion: '',
      window: undefined,
      rows: 0n,
      pushed: 0n,
      incomplete: false,
      newestEvent: undefined,
      through: undefined,
      reads: columns.filter(({ name }) => read.has(name)).map((column) => ('request' in column ? column.request : (called.get(column.read) ?? column.read))),
    };
  });
}
