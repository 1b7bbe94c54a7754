import { PHASES } from '../faults/phases.mjs';

/** One round in one line. */
export function roundLine({ round, story, seed, phase, how, afterMs, restart, check, checks, faults, unlogged, again, jobs }) {
  const parts = [
    `round ${String(round).padStart(3)}`,
    `seed ${seed}`,
    `story ${story}`,
    phase.padEnd(24),
    `killed after ${String(afterMs).padStart(4)} ms (${how})`,
    `restart ${restart.toFixed(1)} s`,
    `${checks} checks in ${check.toFixed(1)} s`,
    ...(jobs > 0 ? [`${jobs} jobs went on`] : []),
    ...(again > 0 ? [`${again} events twice on the bus`] : []),
    ...(unlogged > 0 ? [`${unlogged} answered, not logged`] : []),
    faults.length === 0 ? 'ok' : `${faults.length} FAULTS`,
  ];
  return [parts.join('  '), ...faults.map((fault) => `    ${fault}`)].join('\n');
}

/** One story in one line, with those of its faults that no round has told. */
export function storyLine({ story, kills, seconds, checks = 0, starts = 0, faults, told = false, acknowledged, answered, unlogged, labels, pushes, repeated }) {
  const line = `story ${story}: ${kills} kills in ${seconds.toFixed(0)} s; ${acknowledged} acknowledgements (${answered} predictions, ${labels} labels, ${pushes} pushes), ${repeated} calls repeated, ${unlogged} answered and not logged; ${checks} closing checks${starts > 0 ? ` after ${starts} more starts` : ''}: ${faults.length === 0 ? 'ok' : `${faults.length} FAULTS`}`;
  return [line, ...(told ? [] : faults.map((fault) => `    ${fault}`))].join('\n');
}

/** The closing table: kills by phase, sums, and what so many rounds without a fault are worth. */
export function closingTable({ rounds, stories, hits, seed, seconds }) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const sorted = rounds.map(({ restart }) => restart).sort((a, b) => a - b);
  const faults = sum(stories.map((story) => story.faults.length));
  const rows = [
    ['kills by phase', PHASES.map((phase) => `${phase} ${hits.get(phase) ?? 0}`).join(', ')],
    ['restart, median and longest', `${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)} s, ${(sorted.at(-1) ?? 0).toFixed(1)} s`],
    ['jobs that went on alone', String(sum(rounds.map(({ jobs }) => jobs)))],
    ['acknowledgements', String(sum(stories.map(({ acknowledged }) => acknowledged)))],
    ['predictions answered', String(sum(stories.map(({ answered }) => answered)))],
    ['of them not logged, by design', `${sum(stories.map(({ unlogged }) => unlogged))}, the oldest answered ${Math.max(0, ...rounds.map(({ unloggedMs }) => unloggedMs))} ms before the kill`],
    ['calls repeated', String(sum(stories.map(({ repeated }) => repeated)))],
    ['checks', String(sum(rounds.map(({ checks }) => checks)) + sum(stories.map(({ checks = 0 }) => checks)))],
    ['faults', String(faults)],
    ['time', `${seconds.toFixed(0)} s, ${(seconds / Math.max(1, rounds.length)).toFixed(1)} s a round, seed ${seed}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const bound = faults === 0 ? `${rounds.length} rounds, ${stories.length} stories, no fault: with 95 % confidence a kill does harm in less than ${((3 / Math.max(1, rounds.length)) * 100).toFixed(1)} % (3/n).` : `${faults} faults in ${rounds.length} rounds.`;
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')}\n${bound}`;
}
