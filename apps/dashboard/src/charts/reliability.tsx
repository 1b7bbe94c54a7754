import type { CalibrationBin } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { fixed } from '../text.js';

const SIZE = 200;
const at = (share: number): number => 10 + share * (SIZE - 20);

/** What was said against what was seen, bin by bin; a dot is as large as its bin is full. */
export function Reliability({ bins }: { readonly bins: readonly CalibrationBin[] }) {
  const most = Math.max(...bins.map(({ rows }) => Number(rows)), 1);
  return (
    <svg className="reliability" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={bins.map(({ predicted, observed }) => `predicted ${fixed(predicted, 2)}, observed ${fixed(observed, 2)}`).join('; ')}>
      <rect className="frame" x="10" y="10" width={SIZE - 20} height={SIZE - 20} />
      <line className="limit" x1={at(0)} y1={SIZE - at(0)} x2={at(1)} y2={SIZE - at(1)} />
      {bins.map(({ predicted, observed, rows }) => (
        <circle key={predicted} cx={at(predicted)} cy={SIZE - at(observed)} r={2.5 + 6 * Math.sqrt(Number(rows) / most)} />
      ))}
    </svg>
  );
}
