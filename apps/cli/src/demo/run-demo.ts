import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plural } from '../text/figures.js';
import { checkCounts } from './check-counts.js';
import { closingTables } from './closing-tables.js';
import { readFlights } from './flights.js';
import { replay } from './replay.js';
import { connectAll } from './services.js';
import { startStandalone } from './standalone-process.js';
import { Stages } from './stages.js';
import { Story } from './story.js';
import { gatherSummary } from './summary.js';
import { HOUR_MS, Traffic } from './traffic.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const FILE = join(ROOT, 'examples/flights/millrace.yaml');
const DATA = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet');

const FIRST_TRAINING = new Date('2001-04-01T00:00:00Z');
const NEW_DATA = [new Date('2001-05-01T00:00:00Z'), new Date('2001-06-01T00:00:00Z')];
const END = new Date('2001-07-01T00:00:00Z');
/** Windows are closed when the labels of their last flights are in. */
const WEEK_MS = 7 * 24 * HOUR_MS;
const MONDAY_MS = Date.UTC(1970, 0, 5);
const LATENESS_MS = 48 * HOUR_MS;
/** One flight in so many is asked for: some 65,000 of the one and a half million. */
const EVERY = 23;
const ROWS_A_REQUEST = 8;

/** The whole story on three million flights; gives the exit code: 0 only if every count adds up. */
export async function runDemo({ keep, json }: { readonly keep: boolean; readonly json: boolean }): Promise<number> {
  if (!existsSync(DATA)) throw new Error(`The flights are not there: ${DATA}. Run npm ci.`);
  const directory = join(process.env['MILLRACE_DATA_DIR'] ?? join(ROOT, '.millrace'), 'demo');
  const stages = new Stages(json ? process.stderr : process.stdout);
  const standalone = await stages.run('start every service in one process', () => startStandalone({ directory, roots: ROOT, keep }));
  const services = await connectAll(standalone.grpcAddress);
  const interrupted = interruption();
  try {
    const story = new Story(services, stages);
    await stages.run('apply examples/flights/millrace.yaml', async () => story.apply(await readFile(FILE, 'utf8'), dirname(DATA)));
    await stages.run('January to March: ingest, features, train, judge, register, certify, deploy', (tell) => story.firstRun(FIRST_TRAINING, tell));
    const flights = await stages.run('read April to June for the replay', () => readFlights(DATA, { from: FIRST_TRAINING, to: END }));
    const traffic = new Traffic(flights, { services, httpAddress: standalone.httpAddress, endpoint: story.endpoint, views: ['featureViews/departures', 'featureViews/arrivals'] });

    let nextWindow = MONDAY_MS + Math.ceil((FIRST_TRAINING.getTime() - MONDAY_MS) / WEEK_MS) * WEEK_MS;
    const onHour = async (now: number): Promise<void> => {
      interrupted.check();
      if (now >= nextWindow + LATENESS_MS) {
        await story.closeWindows(new Date(nextWindow), traffic);
        nextWindow += WEEK_MS;
      }
      const month = NEW_DATA.findIndex((time) => time.getTime() === now);
      if (month >= 0) await story.newData(NEW_DATA[month - 1] ?? FIRST_TRAINING, new Date(now));
    };
    await stages.run('replay April to June as live traffic, by REST and gRPC', async (tell) => {
      const begin = FIRST_TRAINING.getTime();
      const end = END.getTime() + LATENESS_MS;
      await replay(flights, traffic, { from: begin, to: end, every: EVERY, rowsARequest: ROWS_A_REQUEST, onHour: async (now) => {
        tell(`${new Date(now).toISOString().slice(0, 10)}: ${plural(traffic.counts.rest + traffic.counts.grpc, 'prediction')}, ${plural(traffic.counts.labels, 'label')}`, (now - begin) / (end - begin));
        await onHour(now);
      } });
      await story.closeWindows(new Date(END.getTime() + WEEK_MS), traffic);
    });
    const summary = await stages.run('gather what happened', () => gatherSummary(services, { story, traffic, stages, pid: standalone.pid }));
    const faults = checkCounts(summary);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'summary.json'), `${JSON.stringify({ ...summary, faults }, undefined, 2)}\n`);
    process.stdout.write(json ? `${JSON.stringify({ ...summary, faults })}\n` : closingTables(summary, faults));
    if (keep) {
      process.stdout.write(`\nStill running: HTTP ${standalone.httpAddress}, gRPC ${standalone.grpcAddress}. Ctrl-C ends it.\n`);
      await Promise.race([interrupted.asked, standalone.ended]);
    }
    return faults.length === 0 ? 0 : 1;
  } finally {
    Object.values(services).forEach((client) => client.close());
    await standalone.stop();
  }
}

/** Ctrl-C ends the story between two hours, so that the services are closed in order. */
function interruption() {
  let resolve: () => void = () => undefined;
  let happened = false;
  const asked = new Promise<void>((done) => (resolve = done));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      happened = true;
      resolve();
    });
  }
  return {
    asked,
    check: (): void => {
      if (happened) throw new Error('Interrupted.');
    },
  };
}
