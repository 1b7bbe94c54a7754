import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { auc, findEstimator } from '@millrace/ml';
import { WORK } from './flights.mjs';
import { inTurns } from './in-turns.mjs';
import { installPeers, runPeer } from './peers.mjs';

export const title = 'boosted trees, 300 k rows × 20, 100 trees';

const FEATURES = 20;
const ROWS = 300_000;
const [FEW, MANY] = [100_000, 1_000_000];
const THREADS = Math.min(2, cpus().length);
const TREES = 100;

/** Our trees against LightGBM on the same rows with the same parameters, binning included; and against themselves on fewer rows and threads. */
export async function run({ runs, say, peers }) {
  const all = makeRows(MANY);
  const estimator = findEstimator('trees');
  const params = estimator.parseParams({ trees: TREES });
  const names = Array.from({ length: FEATURES }, (_, i) => `x${i}`);
  const fit = async (rows, threads = THREADS) => {
    const data = { features: all.features.subarray(0, rows * FEATURES), target: all.target.subarray(0, rows), rows, names };
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const model = await estimator.fit(data, params, { threads });
    const { user, system } = process.cpuUsage(cpu);
    return { model, figures: { seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6 } };
  };
  const figures = async (...asked) => (await fit(...asked)).figures;

  const digests = new Set();
  for (const threads of [1, 2]) digests.add((await fit(ROWS, threads)).model.digest);
  if (digests.size !== 1) throw new Error('One and two threads have grown different trees.');

  const contenders = { ours: () => figures(ROWS) };
  if (peers) {
    const folder = join(WORK, 'trees');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'x.f32'), all.features.subarray(0, ROWS * FEATURES));
    await writeFile(join(folder, 'y.u8'), all.target.subarray(0, ROWS));
    const python = await installPeers(say);
    contenders.base = async () => {
      const { seconds, cpu, auc: area, version } = await runPeer(python, 'trees.peer.py', [folder, ROWS, FEATURES, TREES, THREADS]);
      contenders.peer = { area, version };
      return { seconds, cpu };
    };
  }
  const { ours, base } = await inTurns({ ours: contenders.ours, ...(contenders.base ? { base: contenders.base } : {}) }, { runs, say });
  const growth = await inTurns({ few: () => figures(FEW), many: () => figures(MANY) }, { runs, say });
  const { model } = await fit(ROWS);
  const area = auc(all.target.subarray(0, ROWS), model.predict(all.features.subarray(0, ROWS * FEATURES)));
  const note = `AUC on the training rows: ${area.toFixed(4)}${contenders.peer ? `, LightGBM ${contenders.peer.version} ${contenders.peer.area.toFixed(4)}` : ''}; the same digest on 1 and 2 threads`;
  return [
    { id: 'trees', unit: 's', ours: ours.seconds, base: base?.seconds, aim: { ratio: 3 }, note },
    { id: 'trees-cpu', unit: 'CPU s', ours: ours.cpu, base: base?.cpu },
    { id: 'trees-growth', unit: 's', ours: growth.many.seconds, base: growth.few.seconds * (MANY / FEW), aim: { ratio: 1 }, note: '1 M rows against ten times the time of 100 k' },
  ];
}

/** Rows with a target that follows some of the features, not in a straight line; the same rows every time. */
function makeRows(rows) {
  let state = 0x9e3779b9;
  const random = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  const features = new Float32Array(rows * FEATURES);
  const target = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * FEATURES;
    for (let i = 0; i < FEATURES; i++) features[at + i] = random() + random() + random() - 1.5;
    const [a, b, c, d, e] = features.subarray(at, at + 5);
    const logit = 1.5 * a * b + Math.sin(3 * c) + (d > 0.3 ? 0.8 : -0.4) + 0.6 * e * e - 0.3;
    target[row] = random() < 1 / (1 + Math.exp(-2 * logit)) ? 1 : 0;
  }
  return { features, target };
}
