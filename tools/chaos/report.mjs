/** One round in one line. */
export function roundLine({ row, round, phase, told, lasted, recover, checks, faults, unlogged, repeated }) {
  const parts = [
    `${row} ${String(round).padStart(3)}`,
    phase.padEnd(20),
    told,
    `lasted ${lasted.toFixed(1)} s`,
    `ready after ${recover.toFixed(1)} s`,
    `${repeated} calls repeated`,
    ...(unlogged > 0 ? [`${unlogged} answered, not logged`] : []),
    `${checks} checks`,
    faults.length === 0 ? 'ok' : `${faults.length} FAULTS`,
  ];
  return [parts.join('  '), ...faults.map((fault) => `    ${fault}`)].join('\n');
}

/** One story in one line, with those of its faults that no round has told. */
export function storyLine({ row, story, rounds, seconds, checks = 0, starts = 0, faults, told = false, acknowledged, answered, labels, pushes, repeated, refusals }) {
  const errors = Object.entries(refusals).map(([name, count]) => `${name} ${count}`).join(', ');
  const line = `${row} story ${story}: ${rounds} rounds in ${seconds.toFixed(0)} s; ${acknowledged} acknowledgements (${answered} predictions, ${labels} labels, ${pushes} pushes), ${repeated} calls repeated${errors === '' ? '' : ` (${errors})`}; ${checks} closing checks${starts > 0 ? ` after ${starts} more starts` : ''}: ${faults.length === 0 ? 'ok' : `${faults.length} FAULTS`}`;
  return [line, ...(told ? [] : faults.map((fault) => `    ${fault}`))].join('\n');
}

/** The closing table: for each row what so many rounds without a fault are worth. */
export function closingTable({ results, seed, seconds }) {
  const header = ['row', 'rounds', 'stories', 'checks', 'repeated', 'ready after, median and longest', 'faults', 'bound 3/n'];
  const lines = results.map(({ row, rounds, stories }) => {
    const recover = rounds.map((round) => round.recover).sort((a, b) => a - b);
    const faults = sum(stories.map((story) => story.faults.length));
    return [
      row,
      String(rounds.length),
      String(stories.length),
      String(sum(rounds.map(({ checks }) => checks)) + sum(stories.map(({ checks = 0 }) => checks))),
      String(sum(stories.map(({ repeated }) => repeated))),
      rounds.length === 0 ? '' : `${recover[Math.floor(recover.length / 2)].toFixed(1)} s, ${recover.at(-1).toFixed(1)} s`,
      String(faults),
      faults > 0 || rounds.length === 0 ? '' : `${((300 / rounds.length)).toFixed(1)} %`,
    ];
  });
  const widths = header.map((_, i) => Math.max(...[header, ...lines].map((line) => line[i].length)));
  const table = [header, ...lines].map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
  return `\n${table}\nseed ${seed}, ${seconds.toFixed(0)} s. With 95 % confidence a fault of a row without faults does harm in less than its bound.`;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
