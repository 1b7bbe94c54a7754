import { ALL, startServer } from './home.mjs';
import { cpuOf, inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { EACH, EXPERIMENT, homeOfRuns, RUNS } from './many-runs.mjs';

export const title = `searching ${RUNS.toLocaleString('en-US')} runs of ${2 * EACH} values over HTTP`;

/** Questions of each kind in one turn. */
const REQUESTS = 100;

/** A first page, sorted, filtered by three terms and sorted, by a text, deep, and whole runs, from a home in one process over a file; one question at a time. */
export async function run({ runs, say }) {
  const home = await startServer(ALL, { data: await homeOfRuns('runs', say) });
  try {
    const { ours: { all, cpu, ...kinds } } = await inTurns({ ours: () => search(home) }, { runs, say });
    const [p50, p99] = ['p50', 'p99'].map((share) => Object.entries(kinds).filter(([key]) => key.endsWith(share) && !key.startsWith('mixed')).map(([key, value]) => `${key.split(' ')[0]} ${value.toFixed(1)}`).join(', '));
    return [
      { id: 'runs-search-p99', unit: 'ms', ours: all, aim: { atMost: 50 }, note: `each kind: ${p99}` },
      { id: 'runs-search-p50', unit: 'ms', ours: kinds['mixed p50'], note: `each kind: ${p50}` },
      { id: 'runs-search-cpu', unit: 'ms CPU', ours: cpu, note: 'of the server, a search' },
    ];
  } finally {
    await home.stop();
  }
}

async function search({ http, pid }) {
  const before = cpuOf(pid);
  const { p50, p99, asked, kinds } = await runScript('runs-search.client.mjs', { address: http, experiment: EXPERIMENT, runs: RUNS, requests: REQUESTS });
  const figures = Object.entries(kinds).flatMap(([kind, each]) => [[`${kind} p50`, each.p50], [`${kind} p99`, each.p99]]);
  return { all: p99, cpu: ((cpuOf(pid) - before) / asked) * 1_000, 'mixed p50': p50, ...Object.fromEntries(figures) };
}
