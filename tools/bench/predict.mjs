import { join } from 'node:path';
import { askedRows } from './asked-rows.mjs';
import { ROOT } from './flights.mjs';
import { ALL, INFERENCE, startProcess, startServer, trainedHome } from './home.mjs';
import { inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { AT_ONCE, load, REQUESTS } from './load.mjs';

export const title = 'predict one row by REST and by gRPC: server CPU a request';

/** The inference service, guard and log on, against a bare Fastify and a bare grpc-js server around the same session; every server and client is a process of its own. */
export async function run({ runs, say }) {
  const { modelFile, completeFile, keysFile } = await askedRows(say);
  const bare = await startProcess([join(ROOT, 'tools/bench/predict.base.mjs'), modelFile], { ready: (line) => JSON.parse(line) });
  const inference = await startServer(INFERENCE, { data: await trainedHome('inference', say) });
  const all = await startServer(ALL, { data: await trainedHome('all', say) });
  const rows = [];
  try {
    const { raw } = await inTurns({ raw: () => runScript('predict.raw.mjs', { modelFile, rowsFile: completeFile, requests: REQUESTS }) }, { runs, say, warmUps: 0 });
    for (const by of ['rest', 'grpc']) {
      const scores = {};
      const asked = (name, server, rowsFile = completeFile) => async () => {
        const { scores: found, ...figures } = await load(server, { by, rowsFile });
        scores[name] = found;
        return figures;
      };
      const found = await inTurns({ ours: asked('ours', inference), base: asked('base', bare), features: asked('features', all, keysFile), everything: asked('everything', all) }, { runs, warmUps: 3, say: (line) => say(`${by}: ${line}`) });
      for (const [name, other] of Object.entries(scores)) if (JSON.stringify(other) !== JSON.stringify(scores.base)) throw new Error(`${name} scores other than the bare server by ${by}.`);
      const base = found.base.cpu;
      const unit = 'µs CPU';
      rows.push(
        { id: `predict-${by}`, unit, ours: found.ours.cpu, base, raw, aim: { ratio: 1.5 }, note: `p50 ${found.ours.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms, ${AT_ONCE} at once` },
        { id: `predict-${by}-features`, unit, ours: found.features.cpu, base, raw, note: 'by key with 14 online features, every service and the monitor in one process' },
        { id: `predict-${by}-all`, unit, ours: found.everything.cpu, base, raw, note: 'rows with every input, every service and the monitor in one process' },
      );
    }
  } finally {
    await Promise.all([bare, inference, all].map((server) => server.stop()));
  }
  return rows;
}
