import type { CalibrationBin } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { fixed } from '../text.js';
import { UnitSquare, x, y } from './unit-square.js';

/** What was said against what was seen, bin by bin; a dot is as large as its bin is full. */
export function Reliability({ bins }: { readonly bins: readonly CalibrationBin[] }) {
  const most = Math.max(...bins.map(({ rows }) => Number(rows)), 1);
  return (
    <div className="reliability">
      <UnitSquare across="probability that was given" up="share that turned out positive" says={bins.map(({ predicted, observed }) => `predicted ${fixed(predicted, 2)}, observed ${fixed(observed, 2)}`).join('; ')}>
        <path className="chance" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
        {bins.map(({ predicted, observed, rows }) => (
          <circle key={predicted} cx={x(predicted)} cy={y(observed)} r={3 + 8 * Math.sqrt(Number(rows) / most)} />
        ))}
      </UnitSquare>
    </div>
  );
}
