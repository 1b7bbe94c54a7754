import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Which flights the story is told with, and how fast. */
export interface DemoPlan {
  /** The pipeline file. */
  readonly file: string;
  /** The Parquet file of flights. */
  readonly data: string;
  /** Folder that may be read. */
  readonly root: string;
  /** The first model is trained on what lies before; the replay begins here. */
  readonly firstTraining: Date;
  /** Times at which all flights since the last such time arrive as a new dataset version. */
  readonly newData: readonly Date[];
  /** The replay ends here. */
  readonly end: Date;
  /** One flight in so many is asked for. */
  readonly every: number;
  readonly rowsARequest: number;
  /** With fewer predictions, or fewer served rows compared with history, the story has not been told. */
  readonly minPredictions: number;
  readonly minCompared: number;
}

const DATA = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');

/** The whole story: trained on January to March, replayed over April to June, with some 65,000 of a million and a half flights asked for. */
export const WHOLE_STORY: DemoPlan = {
  file: join(ROOT, 'examples/flights/millrace.yaml'),
  data: DATA,
  root: ROOT,
  firstTraining: new Date('2001-04-01T00:00:00Z'),
  newData: [new Date('2001-05-01T00:00:00Z'), new Date('2001-06-01T00:00:00Z')],
  end: new Date('2001-07-01T00:00:00Z'),
  every: 23,
  rowsARequest: 8,
  minPredictions: 60_000,
  minCompared: 500,
};
