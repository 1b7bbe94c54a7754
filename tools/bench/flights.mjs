import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseContract } from '../../apps/ingestion/dist/contract.wire.js';
import { parseEntity, parseService, parseView } from '../../apps/feature-store/dist/definition.wire.js';
import { resolveService } from '../../apps/feature-store/dist/feature-service.js';
import { checkView } from '../../apps/feature-store/dist/feature-view.js';
import { contractMessage } from '../../apps/pipelines/dist/file/contract-message.js';
import { featureMessages } from '../../apps/pipelines/dist/file/feature-messages.js';
import { parseFile } from '../../apps/pipelines/dist/file/parse-file.js';

/** The folder of the workspace. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
/** Where benchmarks keep what they make. */
export const WORK = join(ROOT, '.millrace', 'bench');
/** Three million flights. */
export const FLIGHTS = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');
export const PIPELINE = join(ROOT, 'examples/flights/millrace.yaml');
/** The folder that the pipeline file's paths start from. */
export const DATA = dirname(FLIGHTS);
/** What every job of the product is given by default. */
export const LIMITS = { memoryLimit: '1GB', threads: 2 };

const { file } = parseFile(readFileSync(PIPELINE, 'utf8'));

/** The contract of the flights, as the ingestion job takes it. */
export const contract = parseContract(contractMessage(file.sources.flights));

/** The feature service of the flights: what it reads of which views, and in which order it names them. */
export function featureService() {
  const { entities, views, services } = featureMessages(file);
  const known = new Map(entities.map(parseEntity).map((entity) => [entity.entity, entity]));
  const checked = views.map(parseView).map(({ view, columns }) => {
    const entity = known.get(view.entity);
    const joinKeys = entity.joinKeys.map(({ name }) => name);
    return checkView({ ...view, joinKeys, keyColumns: joinKeys.map((key) => columns[key] ?? key) }, entity);
  });
  return resolveService(parseService(services[0]), new Map(checked.map((view) => [view.view, view])));
}
