import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, table } from './markdown.mjs';
import { ROOT } from './root.mjs';

const LEAKS = 'examples/leaks';

/** Every leaky file of the corpus by the reason for which it is refused, with its mended twin; the head of a file says what it is. */
export function renderLeaks() {
  const leaks = filesOf('leaky').map((name) => ({ name, ...headOf('leaky', name) }));
  const byReason = Map.groupBy(leaks, ({ reason }) => reason);
  return [...byReason]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, files]) => `### ${reason}\n\n${table(['what', 'why', 'edge', 'files'], files.map(({ what, why, edge, name }) => [what, why, code(edge), pairOf(name)]))}`)
    .join('\n\n');
}

/** Clean files without a leaky twin: what looks odd, and is taken. */
export function renderOddities() {
  const twins = new Set(filesOf('leaky'));
  return filesOf('clean').filter((name) => !twins.has(name)).map((name) => `- ${headOf('clean', name).what} [${name}](${link('clean', name)})`).join('\n');
}

const filesOf = (side) => readdirSync(join(ROOT, LEAKS, side)).sort();
const link = (side, name) => `../${LEAKS}/${side}/${name}`;
const pairOf = (name) => `[leaky](${link('leaky', name)})${existsSync(join(ROOT, LEAKS, 'clean', name)) ? `, [mended](${link('clean', name)})` : ''}`;

function headOf(side, name) {
  const lines = readFileSync(join(ROOT, LEAKS, side, name), 'utf8').split('\n');
  const said = (key) => lines.find((line) => line.startsWith(`# ${key}: `))?.slice(key.length + 4);
  const head = { what: lines[0]?.replace(/^# /, ''), reason: said('Refused'), edge: said('Edge'), why: said('Why') };
  if (side === 'leaky' && Object.values(head).includes(undefined)) throw new Error(`${LEAKS}/${side}/${name} does not say Refused, Edge and Why at its head.`);
  return head;
}
