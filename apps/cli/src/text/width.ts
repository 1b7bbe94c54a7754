const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian wide and fullwidth blocks, and what is shown as an emoji. */
const WIDE = /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}])/u;
const NARROW_ONLY = /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u2027\u2500-\u25ff]*$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** Cells that a text without control characters takes in a terminal. */
export const widthOf = (text: string): number => (NARROW_ONLY.test(text) ? text.length : Array.from(segments.segment(text), ({ segment }) => (WIDE.test(segment) ? 2 : 1)).reduce<number>((sum, cells) => sum + cells, 0));

/** One line of a text from elsewhere: what could move the cursor or turn the writing is a space. */
export const oneLine = (text: string): string => text.replace(CONTROL, ' ');

/** A text of the data so that it looks like no other: one that is empty, or has blanks at its ends, between quotes. */
export const toldText = (text: string): string => (text === '' || text.trim() !== text ? `"${text}"` : text);

/** A text of several lines from elsewhere, safe to print. */
export const safeLines = (text: string): string => text.split('\n').map(oneLine).join('\n');

/** The beginning of a text that fits, with `…` where it was cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = '';
  let cells = 0;
  for (const { segment } of segments.segment(text)) {
    cells += widthOf(segment);
    if (cells > width - 1) break;
    taken += segment;
  }
  return width < 1 ? '' : `${taken}…`;
}

/** A word in pieces of at most a width. */
export function pieces(word: string, width: number): readonly string[] {
  if (widthOf(word) <= width) return [word];
  const found: string[] = [];
  let piece = '';
  for (const { segment } of segments.segment(word)) {
    if (piece !== '' && widthOf(piece) + widthOf(segment) > width) {
      found.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...found, piece];
}
