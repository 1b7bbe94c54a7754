/** A table in Markdown; cells are texts. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** A text as code. */
export const code = (text) => (text === '' ? '' : `\`${text}\``);

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', '<br>');
