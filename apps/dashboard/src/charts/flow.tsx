import { count, shareOf } from '../text.js';
import type { Tone } from '../parts/meaning.js';
import { flowPlaces, HEIGHT } from './flow-places.js';

/** One way that a part of a whole went. */
export interface FlowPart {
  readonly word: string;
  readonly tone: Tone;
  readonly rowCount: bigint;
}

const WIDTH = 420;
const [LEFT, RIGHT] = [8, 190];

/** A whole as a stream that parts: each way as wide as its share, and at least a hair. */
export function Flow({ whole, wholeWord, parts }: { readonly whole: bigint; readonly wholeWord: string; readonly parts: readonly FlowPart[] }) {
  const shown = parts.filter(({ rowCount }) => rowCount > 0n);
  const places = flowPlaces(shown.map(({ rowCount }) => rowCount));
  const middle = (LEFT + RIGHT) / 2;
  return (
    <svg className="flow" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${count(whole)} ${wholeWord}: ${parts.map(({ word, rowCount }) => `${count(rowCount)} ${word}`).join(', ')}`}>
      {shown.map(({ word, tone }, i) => {
        const { begin = 0, end = 0 } = places[i] ?? {};
        return <path key={word} data-tone={tone} d={`M${LEFT} ${begin} C${middle} ${begin} ${middle} ${end} ${RIGHT} ${end}`} strokeWidth={places[i]?.width} />;
      })}
      {shown.map(({ word, rowCount }, i) => (
        <text key={word} x={RIGHT + 10} y={(places[i]?.end ?? 0) + 4}>
          <tspan className="amount">{count(rowCount)}</tspan> {word}, {shareOf(rowCount, whole)}
        </text>
      ))}
    </svg>
  );
}
