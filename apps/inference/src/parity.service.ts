import { createRequire } from 'node:module';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ObjectStore } from '@millrace/objects';
import type { FeedCell, FeedRow } from '@millrace/plan';
import { SCORE, Scorer } from '@millrace/scoring';
import { engine, ident, openTables } from '@millrace/tables';
import type { Endpoint } from './endpoint.js';
import { errors } from './errors.js';
import { LoadedEndpoint } from './loaded-endpoint.js';
import { predict } from './predictor.js';

/** What a replay through the serving path found. */
export interface Parity {
  readonly rows: number;
  readonly equal: number;
  readonly maxDifference: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Rows of one replay. */
export const MAX_SAMPLE_ROWS = 100_000;
const ROWS_A_TURN = 32;

/** Replays held-out rows, one request a row, through the code that serves requests, and compares bits. */
export class ParityService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly clock: () => Date,
  ) {}

  async certify(artifact: string, sample: string, signal: AbortSignal): Promise<Parity> {
    const scorer = await Scorer.open(this.objects, artifact);
    try {
      const rows = await this.#sample(scorer, sample, signal);
      if (rows.length === 0) throw errors.SAMPLE_EMPTY({});
      const loaded = new LoadedEndpoint(TRIAL, scorer);
      let equal = 0;
      let maxDifference = 0;
      for (const [index, { [SCORE]: expected, ...row }] of rows.entries()) {
        if (index % ROWS_A_TURN === 0) await breathe();
        signal.throwIfAborted();
        const [prediction] = await predict(loaded, { rows: [row], times: [] }, { readFeatures: undefined, now: this.clock() });
        const score = prediction?.score ?? Number.NaN;
        if (Object.is(score, expected)) equal++;
        else maxDifference = Math.max(maxDifference, distance(score, expected));
      }
      return { rows: rows.length, equal, maxDifference, environment: environment() };
    } finally {
      await scorer.close();
    }
  }

  async #sample(scorer: Scorer, sample: string, signal: AbortSignal): Promise<readonly FeedRow[]> {
    const tables = await openTables({ objects: this.objects, memoryLimit: '256MB', threads: 1 });
    try {
      const source = await tables.scan([sample]);
      const there = new Set((await tables.describe(`SELECT * FROM ${source}`)).map(({ name }) => name));
      const { inputs } = scorer.artifact.signature;
      for (const { name } of [...inputs, { name: SCORE }]) if (!there.has(name)) throw errors.SAMPLE_COLUMN_MISSING({ column: name });
      // Times keep their microseconds as integers.
      const cells = inputs.map(({ name, type }) => (type === 'TIMESTAMP' ? `${engine.micros(ident(name))} AS ${ident(name)}` : ident(name)));
      return (await tables.rows(`SELECT ${[...cells, ident(SCORE)].join(', ')} FROM ${source} LIMIT ${MAX_SAMPLE_ROWS}`, [], { signal })) as readonly FeedRow[];
    } finally {
      await tables.close();
    }
  }
}

/** Infinity where one of the two is no finite number. */
function distance(score: number, expected: FeedCell | undefined): number {
  const difference = typeof expected === 'number' ? Math.abs(score - expected) : Infinity;
  return Number.isFinite(difference) ? difference : Infinity;
}

/** Not a real endpoint: nothing is refused, so that every row is compared. */
const TRIAL: Endpoint = {
  endpoint: 'parity',
  description: '',
  alias: '',
  featureService: '',
  guard: { outOfRange: 'IGNORE', unseenCategory: 'IGNORE', missing: 'IGNORE' },
  modelVersion: '',
  artifact: '',
  createTime: new Date(0),
  revision: 0,
};

const require = createRequire(import.meta.url);

const environment = (): Record<string, string> => ({
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  onnxruntime: (require('onnxruntime-node/package.json') as { version: string }).version,
  threads: '1',
});
