import { csvOf, type Sheet } from './sheet.js';

/** So many pixels of a saved picture stand for one of the screen. */
const SHARPNESS = 2;
/** What charts are drawn with. */
const DRAWN_WITH = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap', 'opacity', 'font', 'text-anchor'] as const;

/** A title as the name of a file. */
const fileOf = (title: string): string => title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '');

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** Saves a sheet under its title as a CSV file. */
export const saveCsv = (title: string, sheet: Sheet): void => download(new Blob([csvOf(sheet)], { type: 'text/csv;charset=utf-8' }), `${fileOf(title)}.csv`);

/** Saves a text under its title as a Markdown file. */
export const saveMarkdown = (title: string, text: string): void => download(new Blob([text], { type: 'text/markdown;charset=utf-8' }), `${fileOf(title)}.md`);

/** Saves what is drawn in an element, in the colours of the moment and on their paper, as a PNG file; throws where it cannot be drawn. */
export async function savePng(title: string, element: HTMLElement): Promise<void> {
  const { toBlob } = await import('html-to-image');
  const former = styleParts(element);
  const blob = await toBlob(element, { pixelRatio: SHARPNESS, skipFonts: true, backgroundColor: getComputedStyle(document.body).backgroundColor }).finally(former);
  if (!blob) throw new Error(`“${title}” cannot be drawn.`);
  download(blob, `${fileOf(title)}.png`);
}

/** Writes into the parts of every SVG how they look, for html-to-image copies SVG without its style sheets; gives what takes it away. */
function styleParts(element: HTMLElement): () => void {
  const parts = Array.from(element.querySelectorAll<SVGElement>('svg *'), (part) => ({ part, former: part.getAttribute('style') }));
  // All are read before one is changed: a browser would work out every style anew after each change.
  const styles = parts.map(({ part }) => {
    const shown = getComputedStyle(part);
    return DRAWN_WITH.map((property) => [property, shown.getPropertyValue(property)] as const);
  });
  parts.forEach(({ part }, i) => styles[i]?.forEach(([property, value]) => part.style.setProperty(property, value)));
  return () => parts.forEach(({ part, former }) => (former === null ? part.removeAttribute('style') : part.setAttribute('style', former)));
}
