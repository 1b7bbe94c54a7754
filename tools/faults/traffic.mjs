import { HOUR_MS } from './flights-slice.mjs';
import { post } from './link.mjs';
import { NAME, VIEWS } from './pipeline-file.mjs';

const ROWS_A_QUESTION = 4;
const LABELS_A_CALL = 3;
const ROWS_A_PUSH = 8;
/** Calls under way at the same time, of each kind. */
const AT_ONCE = 4;
const ENDPOINT = `endpoints/${NAME}`;

/** The front ends of one story: they ask, by REST and by gRPC, push what has landed and tell what really happened. */
export class Traffic {
  #link;
  #acks;
  /** Answered predictions whose flights are in the air. */
  #inTheAir = [];
  #turn = 0;

  constructor(link, acks) {
    this.#link = link;
    this.#acks = acks;
  }

  /** One hour of live traffic: everything at the same time, as it is. */
  async hour(now, { landed, departing }) {
    await Promise.all([this.#push(now, landed), this.#tellLabels(now), this.#ask(departing)]);
    await this.#confirmNewest();
  }

  async #push(now, flights) {
    if (flights.length === 0) return;
    const pushes = inParts(flights, ROWS_A_PUSH).map((rows, part) => ({ featureViews: Object.keys(VIEWS).map((view) => `featureViews/${view}`), table: tableOf(rows), requestId: `push-${now / HOUR_MS}-${part}`, flights: rows }));
    await this.#link.call('PushRows', ({ features }) => features.pushRows(pushes));
    for (const { requestId, flights: own } of pushes) this.#acks.push(requestId, { views: Object.keys(VIEWS), flights: own });
  }

  async #tellLabels(now) {
    const due = this.#inTheAir.filter(({ landing }) => landing <= now);
    this.#inTheAir = this.#inTheAir.filter(({ landing }) => landing > now);
    // What died with its process before it was logged cannot be labelled.
    const labels = due.filter(({ id }) => !this.#acks.lost.has(id)).map(({ id, late, landing }) => ({ predictionId: id, value: late, knownTime: new Date(landing) }));
    await atOnce(inParts(labels, LABELS_A_CALL), async (part) => {
      await this.#link.call('SendFeedback', ({ inference }) => inference.sendFeedback({ endpoint: ENDPOINT, labels: part }));
      this.#acks.label(part);
    });
  }

  async #ask(flights) {
    await atOnce(inParts(flights, ROWS_A_QUESTION), async (rows) => {
      const ids = await (this.#turn++ % 2 === 0 ? this.#askByRest(rows) : this.#askByGrpc(rows));
      if (ids.length !== rows.length) throw new Error(`${rows.length} flights were asked for and ${ids.length} answered.`);
      this.#acks.answer(ids);
      rows.forEach(({ landing, late }, i) => this.#inTheAir.push({ id: ids[i], landing, late }));
    });
  }

  async #askByGrpc(rows) {
    const { predictions } = await this.#link.call('Predict', ({ inference }) => inference.predict({ endpoint: ENDPOINT, rows: rows.map(rowOf), eventTimes: rows.map(({ departure }) => new Date(departure)) }));
    return predictions.map(({ id }) => id);
  }

  async #askByRest(rows) {
    const body = { rows: rows.map(({ distance, origin, destination }) => ({ distance: Number(distance), origin, destination })), eventTimes: rows.map(({ departure }) => new Date(departure).toISOString()) };
    const { predictions } = await this.#link.call('REST :predict', ({ http }) => post(`${http}/v1/${ENDPOINT}:predict`, body));
    return predictions.map(({ id }) => id);
  }

  /** Asks for the newest prediction by its id: an answer means that it is in the log for good. */
  async #confirmNewest() {
    const id = this.#inTheAir.at(-1)?.id;
    if (id === undefined) return;
    const found = await this.#link.call('GetPrediction', ({ inference }) =>
      inference.getPrediction({ endpoint: ENDPOINT, id }).catch((error) => {
        if (error.code === 'NOT_FOUND' && this.#acks.lost.has(id)) return undefined;
        // Another instance may have answered, and has its log on the way.
        if (error.code === 'NOT_FOUND' && this.#link.instances > 1) throw Object.assign(new Error(error.message), { code: 'UNAVAILABLE', reason: 'not yet written' });
        throw error;
      }),
    );
    if (found) this.#acks.confirm(id);
  }
}

const rowOf = ({ distance, origin, destination }) => ({
  values: {
    distance: { kind: { $case: 'int64Value', value: distance } },
    origin: { kind: { $case: 'stringValue', value: origin } },
    destination: { kind: { $case: 'stringValue', value: destination } },
  },
});

function tableOf(flights) {
  const column = (name, kind, values) => ({ name, cells: { kind: { $case: kind, value: { values } } } });
  return {
    rows: flights.length,
    columns: [
      column('date', 'timestamps', flights.map(({ departure }) => BigInt(departure) * 1000n)),
      column('delay', 'int64s', flights.map(({ delay }) => delay)),
      column('distance', 'int64s', flights.map(({ distance }) => distance)),
      column('origin', 'strings', flights.map(({ origin }) => origin)),
      column('destination', 'strings', flights.map(({ destination }) => destination)),
    ],
  };
}

function inParts(values, size) {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}

async function atOnce(parts, work) {
  const waiting = [...parts];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) await work(part);
  }));
}
