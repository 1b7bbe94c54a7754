import type { Paint } from './paint.js';
import type { Cell } from './table.js';
import { pieces, widthOf } from './width.js';

const GAP = '  ';

/** Groups of words one after another in lines of a width; a group begins a new line rather than be broken, unless it is longer than a line. */
export function flow(groups: readonly (readonly Cell[])[], { width, paint }: { readonly width: number; readonly paint: Paint }): readonly string[] {
  const lines: string[] = [];
  const most = Math.max(1, width);
  let line = '';
  let cells = 0;
  const add = (word: string, { before, style }: { readonly before: string; readonly style: Cell['style'] }): void => {
    if (cells > 0 && cells + before.length + widthOf(word) > most) {
      lines.push(line);
      [line, cells] = ['', 0];
    }
    const gap = cells === 0 ? '' : before;
    line += gap + (style ? paint(style, word) : word);
    cells += gap.length + widthOf(word);
  };
  for (const group of groups) {
    const words = group.flatMap(({ text, style }) => text.split(' ').filter((word) => word !== '').flatMap((word) => pieces(word, most)).map((word) => ({ word, style })));
    const whole = words.reduce((sum, { word }) => sum + widthOf(word) + 1, -1);
    if (cells > 0 && cells + GAP.length + whole > most && whole <= most) {
      lines.push(line);
      [line, cells] = ['', 0];
    }
    words.forEach(({ word, style }, i) => add(word, { before: i === 0 ? GAP : ' ', style }));
  }
  return cells === 0 ? lines : [...lines, line];
}
