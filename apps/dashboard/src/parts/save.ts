import { csvOf, type Sheet } from './sheet.js';

/** So many pixels of a saved picture stand for one of the screen. */
const SHARPNESS = 2;

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

/** Saves what is drawn in an element, in the colours of the moment and on their paper, as a PNG file; throws where it cannot be drawn. */
export async function savePng(title: string, element: HTMLElement): Promise<void> {
  const { toBlob } = await import('html-to-image');
  const blob = await toBlob(element, { pixelRatio: SHARPNESS, skipFonts: true, backgroundColor: getComputedStyle(document.body).backgroundColor });
  if (!blob) throw new Error(`“${title}” cannot be drawn.`);
  download(blob, `${fileOf(title)}.png`);
}
