import { percent } from '../text.js';

/** Rows with a value, or in a bin, before and now. */
export interface SpreadBin {
  readonly label: string;
  readonly before: number;
  readonly now: number;
}

/** Two distributions over the same values: bars are the share now, a line across each is the share before. */
export function Spread({ bins }: { readonly bins: readonly SpreadBin[] }) {
  const [before, now] = [total(bins.map((bin) => bin.before)), total(bins.map((bin) => bin.now))];
  const most = Math.max(...bins.map((bin) => Math.max(bin.before / before, bin.now / now)), 1e-9);
  const at = (share: number): string => `${(share / most) * 96}%`;
  return (
    <div className="spread" role="img" aria-label={bins.map((bin) => `${bin.label}: ${percent(bin.before / before)} before, ${percent(bin.now / now)} now`).join('; ')}>
      {bins.map((bin) => (
        <div key={bin.label}>
          <span title={bin.label}>{bin.label}</span>
          <svg width="100%" height="16" aria-hidden="true">
            <rect x="0" y="3" height="10" rx="1" width={at(bin.now / now)} />
            <line x1={at(bin.before / before)} x2={at(bin.before / before)} y1="0" y2="16" />
          </svg>
        </div>
      ))}
      <p className="axis" aria-hidden="true">
        <span>0 %</span>
        <span>{percent(most)}</span>
      </p>
    </div>
  );
}

const total = (counts: readonly number[]): number => Math.max(1, counts.reduce((sum, count) => sum + count, 0));
