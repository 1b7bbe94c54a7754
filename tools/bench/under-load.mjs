import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { connect } from '@millrace/rpc';
import { askedRows } from './asked-rows.mjs';
import { ALL, ENDPOINT, startServer, trainedHome } from './home.mjs';
import { inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';

export const title = 'predict p99 while a training job runs and 200 commits a second are written';

const A_SECOND = 100;
const REQUESTS = 500;
const COMMITS_A_SECOND = 200;

/** One home that does nothing else, then trains and writes at the same time: questions come by gRPC at a steady pace, one row each. */
export async function run({ runs, say }) {
  const { completeFile } = await askedRows(say);
  const home = await startServer(ALL, { data: await trainedHome('under-load', say) });
  const [trainer, registry] = [connect(TrainerServiceDefinition, home.grpc), connect(RegistryServiceDefinition, home.grpc)];
  const [template] = (await trainer.listTrainingJobs({ pageSize: 1 })).trainingJobs;
  const ask = async () => {
    const { p50, p99 } = await runScript('predict.client.mjs', { by: 'grpc', address: home.grpc, endpoint: ENDPOINT, rowsFile: completeFile, requests: REQUESTS, aSecond: A_SECOND });
    return { p50, p99 };
  };
  let commits = 0;
  const loaded = async () => {
    const job = await startTraining(trainer, template);
    const writer = await writeCommits(registry);
    const figures = await ask();
    const [written, seconds] = await writer.stop();
    commits = Math.max(commits, written / seconds);
    if ((await trainer.getTrainingJob({ name: job })).status.state !== JobState.RUNNING) throw new Error('The training ended before the questions did.');
    await trainer.cancelTrainingJob({ name: job });
    await ended(trainer, job);
    return figures;
  };
  try {
    const found = await inTurns({ base: ask, ours: loaded }, { runs, say });
    return [{ id: 'under-load-p99', unit: 'ms', ours: found.ours.p99, base: found.base.p99, aim: { ratio: 3 }, note: `${A_SECOND} questions/s, up to ${commits.toFixed(0)} commits/s; p50 ${found.ours.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms` }];
  } finally {
    [trainer, registry].forEach((client) => client.close());
    await home.stop();
  }
}

/** The ladder of the flights again, with so many trees that it outlasts the questions; resolves when its own process is at work. */
async function startTraining(trainer, { spec }) {
  const rungs = spec.rungs.map((rung) => (rung.estimator === 'trees' ? { ...rung, paramsJson: JSON.stringify({ ...JSON.parse(rung.paramsJson), trees: 3_000 }) } : rung));
  const { name } = await trainer.createTrainingJob({ spec: { ...spec, rungs }, requestId: randomUUID() });
  for await (const { status } of trainer.watchTrainingJob({ name })) {
    if (status.state === JobState.RUNNING && status.progress) break;
    if (status.state !== JobState.PENDING && status.state !== JobState.RUNNING) throw new Error(`The training ended as ${status.state}: ${status.error?.message}.`);
  }
  return name;
}

async function ended(trainer, name) {
  for await (const { status } of trainer.watchTrainingJob({ name })) if (status.state !== JobState.PENDING && status.state !== JobState.RUNNING) return;
}

/** Logs metrics to a run, one durable commit a call, at a steady pace; `stop` gives how many were written in how many seconds. */
async function writeCommits(registry) {
  const experiment = `experiments/bench-${randomUUID().slice(0, 8)}`;
  await registry.createExperiment({ experiment: { name: experiment } });
  const { name } = await registry.createRun({ parent: experiment, run: { displayName: 'bench' }, requestId: randomUUID() });
  const began = performance.now();
  let [sent, written, stopped] = [0, 0, false];
  const open = new Set();
  const done = (async () => {
    while (!stopped) {
      for (const due = ((performance.now() - began) / 1_000) * COMMITS_A_SECOND; sent < due; sent++) {
        const call = registry.logRun({ name, metrics: [{ key: 'loss', step: BigInt(sent), value: 1 / (sent + 1), time: new Date() }], requestId: randomUUID() }).then(() => void written++);
        open.add(call);
        void call.finally(() => open.delete(call));
      }
      await sleep(5);
    }
    await Promise.all(open);
  })();
  return {
    stop: async () => {
      stopped = true;
      await done;
      return [written, (performance.now() - began) / 1_000];
    },
  };
}
