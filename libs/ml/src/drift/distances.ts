/** Shares below this count as this: an empty bin must not make a distance infinite. */
export const SHARE_FLOOR = 1e-4;

/** Population stability index: Σ (p − q) · ln(p / q) over bins; below 0.1 calm, above 0.25 a change (Siddiqi 2006). */
export function psi(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  return p.reduce((sum, each, i) => {
    const [a, b] = [Math.max(each, SHARE_FLOOR), Math.max(q[i] ?? 0, SHARE_FLOOR)];
    return sum + (b - a) * Math.log(b / a);
  }, 0);
}

/** Jensen-Shannon distance: the square root of the divergence to the base 2, 0 to 1 (Lin 1991). */
export function jensenShannon(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  const part = (a: number, middle: number): number => (a > 0 ? a * Math.log2(a / middle) : 0);
  const divergence = p.reduce((sum, each, i) => {
    const other = q[i] ?? 0;
    const middle = (each + other) / 2;
    return sum + (part(each, middle) + part(other, middle)) / 2;
  }, 0);
  return Math.sqrt(Math.max(0, divergence));
}

/** Kolmogorov-Smirnov distance of binned numbers: the largest gap between the two cumulative shares at an edge. */
export function ks(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  let [a, b, largest] = [0, 0, 0];
  p.forEach((each, i) => {
    a += each;
    b += q[i] ?? 0;
    largest = Math.max(largest, Math.abs(a - b));
  });
  return largest;
}

const KS_TERMS = 100;

/** How likely a KS distance at least this large is when nothing has changed (Kolmogorov's limit with Stephens' correction, 1970); with bins rather than values it errs on the calm side. */
export function ksP(distance: number, rows: number, otherRows: number): number {
  const n = (rows * otherRows) / (rows + otherRows);
  if (!(n > 0)) return Number.NaN;
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= KS_TERMS; k++) sum += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, sum));
}

/** Wasserstein distance of binned numbers: the area between the two cumulative shares, in units of `scale`. `widths` are those of the bins. */
export function wasserstein(reference: readonly number[], current: readonly number[], { widths, scale }: { readonly widths: readonly number[]; readonly scale: number }): number {
  const [p, q] = [sharesOf(reference), sharesOf(current)];
  let [gap, area] = [0, 0];
  p.forEach((each, i) => {
    const before = gap;
    gap += each - (q[i] ?? 0);
    // Within a bin rows lie evenly, so the gap goes straight from one edge to the next; where it crosses nothing there are two triangles.
    const mean = before * gap < 0 ? (before ** 2 + gap ** 2) / (2 * Math.abs(before - gap)) : Math.abs(before + gap) / 2;
    area += mean * (widths[i] ?? 0);
  });
  return scale > 0 ? area / scale : Number.NaN;
}

/** Pearson's chi² of two samples over the same categories with its p-value; categories that neither has are left out. */
export function chiSquare(reference: readonly number[], current: readonly number[]): { readonly statistic: number; readonly p: number } {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(reference), total(current)];
  let statistic = 0;
  let categories = 0;
  reference.forEach((a, i) => {
    const b = current[i] ?? 0;
    if (a + b === 0) return;
    categories++;
    const [expectedA, expectedB] = [((a + b) * n) / (n + m), ((a + b) * m) / (n + m)];
    statistic += (a - expectedA) ** 2 / expectedA + (b - expectedB) ** 2 / expectedB;
  });
  return { statistic, p: n === 0 || m === 0 || categories < 2 ? Number.NaN : upperGamma((categories - 1) / 2, statistic / 2) };
}

const GAMMA_TERMS = 500;
const GAMMA_EPSILON = 1e-14;

/** The regularised upper incomplete gamma function Q(a, x), by series or continued fraction (Numerical Recipes, §6.2). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < GAMMA_TERMS && Math.abs(term) > Math.abs(sum) * GAMMA_EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - sum * front);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < GAMMA_TERMS; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const delta = d * c;
    fraction *= delta;
    if (Math.abs(delta - 1) < GAMMA_EPSILON) break;
  }
  return front * fraction;
}

const LANCZOS = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5];

/** ln Γ(x) for x > 0 (Lanczos 1964). */
function logGamma(x: number): number {
  const t = x + 5.5 - (x + 0.5) * Math.log(x + 5.5);
  const series = LANCZOS.reduce((sum, coefficient, i) => sum + coefficient / (x + 1 + i), 1.000000000190015);
  return -t + Math.log((2.5066282746310005 * series) / x);
}

function sharesOf(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}
