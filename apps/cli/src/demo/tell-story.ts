import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errors } from '../errors.js';
import { plural } from '../text/figures.js';
import type { DemoHome } from './demo-home.js';
import type { DemoPlan } from './demo-plan.js';
import { readFlights } from './flights.js';
import { replay } from './replay.js';
import { connectAll } from './services.js';
import { checkSkew } from './skew.js';
import type { Stages } from './stages.js';
import { Story } from './story.js';
import { type DemoSummary, gatherSummary } from './summary.js';
import { HOUR_MS, Traffic } from './traffic.js';

const WEEK_MS = 7 * 24 * HOUR_MS;
const MONDAY_MS = Date.UTC(1970, 0, 5);
/** Windows are closed when the labels of their last flights are in. */
const LATENESS_MS = 48 * HOUR_MS;
const VIEWS = ['featureViews/departures', 'featureViews/arrivals'];

/** What the story is told with. */
export interface TellOptions {
  readonly home: DemoHome;
  readonly stages: Stages;
  /** Ends the story between two hours. */
  readonly signal: AbortSignal;
}

/** Trains the first model, replays the flights that follow as live traffic, lets triggers do what they do, and says what happened. */
export async function tellStory(plan: DemoPlan, { home, stages, signal }: TellOptions): Promise<DemoSummary> {
  const services = await connectAll(home.addresses);
  try {
    const story = new Story(services, stages);
    await stages.run('apply the pipeline file', async () => story.apply(await readFile(plan.file, 'utf8'), dirname(plan.data)));
    await stages.run(`flights before ${day(plan.firstTraining)}: ingest, features, train, judge, register, certify, deploy`, (tell) => story.firstRun(plan.firstTraining, tell));
    const flights = await stages.run('read the flights of the replay', () => readFlights(plan.data, { from: plan.firstTraining, to: plan.end }));
    const traffic = new Traffic(flights, { services, httpAddress: home.httpAddress, endpoint: story.endpoint, views: VIEWS });

    let nextWindow = MONDAY_MS + Math.ceil((plan.firstTraining.getTime() - MONDAY_MS) / WEEK_MS) * WEEK_MS;
    const onHour = async (now: number): Promise<void> => {
      if (signal.aborted) throw errors.INTERRUPTED({});
      if (now >= nextWindow + LATENESS_MS) {
        await story.closeWindows(new Date(nextWindow), traffic);
        nextWindow += WEEK_MS;
      }
      const arrival = plan.newData.findIndex((time) => time.getTime() === now);
      if (arrival >= 0) await story.newData(plan.newData[arrival - 1] ?? plan.firstTraining, new Date(now));
    };
    await stages.run(`replay until ${day(plan.end)} as live traffic, by REST and gRPC`, async (tell) => {
      const begin = plan.firstTraining.getTime();
      const end = plan.end.getTime() + LATENESS_MS;
      await replay(flights, traffic, { from: begin, to: end, every: plan.every, rowsARequest: plan.rowsARequest, onHour: async (now) => {
        tell(`${day(new Date(now))}: ${plural(traffic.counts.rest + traffic.counts.grpc, 'prediction')}, ${plural(traffic.counts.labels, 'label')}`, (now - begin) / (end - begin));
        await onHour(now);
      } });
      await story.closeWindows(new Date(plan.end.getTime() + WEEK_MS), traffic);
    });
    const skew = await stages.run('compare what was served with what history says', () =>
      checkSkew(services, `endpoints/${story.endpoint}`),
    );
    return await stages.run('gather what happened', () => gatherSummary(services, { story, traffic, skew, stages, processes: home.processes }));
  } finally {
    Object.values(services).forEach((client) => client.close());
  }
}

const day = (time: Date): string => time.toISOString().slice(0, 10);
