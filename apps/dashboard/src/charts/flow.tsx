import { count, shareOf } from '../text.js';
import type { Tone } from '../parts/meaning.js';

/** One way that a part of a whole went. */
export interface FlowPart {
  readonly word: string;
  readonly tone: Tone;
  readonly rowCount: bigint;
}

const HEIGHT = 150;
const WIDTH = 420;
const GAP = 14;
/** A way of few rows is drawn so wide, so that it is seen. */
const LEAST = 2.5;
const [LEFT, RIGHT] = [8, 190];

/** A whole as a stream that parts: each way as wide as its share, and at least a hair. */
export function Flow({ whole, wholeWord, parts }: { readonly whole: bigint; readonly wholeWord: string; readonly parts: readonly FlowPart[] }) {
  const shown = parts.filter(({ rowCount }) => rowCount > 0n);
  const room = HEIGHT - GAP * (Math.max(shown.length, 1) - 1) - 20;
  const widths = shown.map(({ rowCount }) => Math.max(LEAST, (Number(rowCount) / Math.max(Number(whole), 1)) * room));
  const trunk = widths.reduce((sum, width) => sum + width, 0);
  let [from, to] = [(HEIGHT - trunk) / 2, 10];
  const places = widths.map((width, i) => {
    const place = { begin: from + width / 2, end: i === 0 ? to + width / 2 : Math.max(to + width / 2, 10) };
    from += width;
    to += width + GAP * 1.6;
    return place;
  });
  const middle = (LEFT + RIGHT) / 2;
  return (
    <svg className="flow" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${count(whole)} ${wholeWord}: ${parts.map(({ word, rowCount }) => `${count(rowCount)} ${word}`).join(', ')}`}>
      {shown.map(({ word, tone }, i) => {
        const { begin = 0, end = 0 } = places[i] ?? {};
        return <path key={word} data-tone={tone} d={`M${LEFT} ${begin} C${middle} ${begin} ${middle} ${end} ${RIGHT} ${end}`} strokeWidth={widths[i]} />;
      })}
      {shown.map(({ word, rowCount }, i) => (
        <text key={word} x={RIGHT + 10} y={(places[i]?.end ?? 0) + 4}>
          <tspan className="amount">{count(rowCount)}</tspan> {word}, {shareOf(rowCount, whole)}
        </text>
      ))}
    </svg>
  );
}
