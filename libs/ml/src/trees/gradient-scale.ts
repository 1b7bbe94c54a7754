/** Largest packed gradient (int16) and hessian (uint16, of at most 1/4), with room for rounding up. */
const MAX_G_SCALE = 32_000;
const MAX_H_SCALE = 4 * 32_000;

/** What the sums over all rows are aimed at, and what they must stay below, or the halves of a histogram entry carry. */
const AIM = 1.6e9;
export const SUM_LIMIT = 2 ** 31 - 1;

/** What gradients and hessians are multiplied by before they are rounded to integers; both are float32. */
export interface GradientScale {
  readonly g: number;
  readonly h: number;
}

/** The scale of the first tree, when all rows have the margin of the base rate. */
export function firstScale(rows: number, positives: number): GradientScale {
  const share = Math.max(positives, 0.5) / rows;
  const hessian = rows * share * Math.max(1 - share, 0.5 / rows);
  return scaleFor(2 * hessian, hessian);
}

/** The scale of the next tree from what this tree's scaled sums were: few bits are wasted when most rows are easy. */
export const nextScale = (scale: GradientScale, sums: GradientScale): GradientScale => scaleFor(sums.g / scale.g, sums.h / scale.h);

/** Half the scale, for a tree whose sums went over the limit. */
export const halfScale = ({ g, h }: GradientScale): GradientScale => ({ g: g / 2, h: h / 2 });

const scaleFor = (g: number, h: number): GradientScale => ({
  g: Math.fround(Math.min(MAX_G_SCALE, AIM / Math.max(g, 1e-30))),
  h: Math.fround(Math.min(MAX_H_SCALE, AIM / Math.max(h, 1e-30))),
});
