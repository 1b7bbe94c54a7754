import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import type { DemoServices } from './services.js';
import type { ServedFlight } from './traffic.js';

/** Inputs that were served against those that history gives for the same flights, to the bit. */
export interface SkewCheck {
  readonly trainingSet: string;
  readonly rows: number;
  readonly values: number;
  readonly different: number;
  /** One difference in words; empty when there is none. */
  readonly example: string;
}

/** Predictions that are looked up; the training set is a sample, so that not all of them have a counterpart. */
const MAX_LOOKED_UP = 4_000;
const AT_ONCE = 32;

/** Compares what models were asked with, as the prediction log has it, with a training set that was joined from history afterwards. */
export async function checkSkew(services: DemoServices, { trainingSet, endpoint, served, place }: { readonly trainingSet: string; readonly endpoint: string; readonly served: readonly ServedFlight[]; readonly place: ObjectsPlace }): Promise<SkewCheck> {
  const { objects, spine } = await services.features.getTrainingSet({ name: trainingSet });
  const [from, to] = [spine?.from?.getTime() ?? -Infinity, spine?.to?.getTime() ?? Infinity];
  const candidates = served.filter(({ departure }) => departure >= from && departure < to);
  const step = Math.max(1, Math.ceil(candidates.length / MAX_LOOKED_UP));
  const chosen = candidates.filter((_, i) => i % step === 0);
  const history = await readHistory(chosen, { digests: objects.map(({ digest }) => digest), place });
  let [rows, values, different, example] = [0, 0, 0, ''];
  for (let start = 0; start < chosen.length; start += AT_ONCE) {
    const part = chosen.slice(start, start + AT_ONCE).filter(({ id }) => history.has(id));
    const answers = await Promise.all(part.map(({ id }) => services.inference.getPrediction({ endpoint, id })));
    answers.forEach(({ inputs, record }, i) => {
      const { id = '' } = part[i] ?? {};
      const then = history.get(id) ?? {};
      rows++;
      inputs.forEach((name, column) => {
        const [now, before] = [comparable(record?.inputs[column]?.kind?.value), comparable(then[name])];
        values++;
        if (Object.is(now, before)) return;
        different++;
        if (example === '') example = `${name} of prediction ${id}: ${String(now)} was served, history says ${String(before)}`;
      });
    });
  }
  return { trainingSet, rows, values, different, example };
}

/** Rows of the training set by the prediction of the same flight. */
async function readHistory(served: readonly ServedFlight[], { digests, place }: { readonly digests: readonly string[]; readonly place: ObjectsPlace }): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const tables = await openTables({ objects: await openObjects(place), memoryLimit: '400MB' });
  try {
    await tables.load('served', [
      { name: 'served_id', type: 'STRING', values: served.map(({ id }) => id) },
      { name: 'served_departure', type: 'TIMESTAMP', values: served.map(({ departure }) => new Date(departure)) },
      { name: 'served_origin', type: 'STRING', values: served.map(({ origin }) => origin) },
      { name: 'served_destination', type: 'STRING', values: served.map(({ destination }) => destination) },
    ]);
    const source = await tables.scan(digests);
    // Flights of one minute between the same airports have the same features, whichever of them it was.
    const found = await tables.rows(`SELECT DISTINCT ON (served_id) * FROM served JOIN ${source} AS h ON h.date = served_departure AND h.origin = served_origin AND h.destination = served_destination`);
    return new Map(found.map((row) => [String(row['served_id']), row]));
  } finally {
    await tables.close();
  }
}

/** Times as milliseconds and integers as bigint, whatever they came through; missing is undefined. */
function comparable(cell: unknown): unknown {
  if (cell instanceof Date) return cell.getTime();
  return typeof cell === 'number' && Number.isNaN(cell) ? undefined : cell;
}
