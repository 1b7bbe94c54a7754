import type { MetricCurve } from '@millrace/contracts/millrace/registry/v1/experiment';
import { count, plural } from '../../text.js';

/** What the picture of these curves holds, and what it leaves out. */
export function curveWords(curves: readonly MetricCurve[]): string {
  const sum = (of: (curve: MetricCurve) => bigint | number): bigint => curves.reduce((all, curve) => all + BigInt(of(curve)), 0n);
  const [total, drawn, astray] = [sum(({ totalPoints }) => totalPoints), sum(({ metricPoints }) => metricPoints.length), sum(({ nonFinitePoints }) => nonFinitePoints)];
  const few = drawn < total ? `${plural(total, 'point')} were measured; the highest and lowest of each stretch of steps are drawn, ${count(drawn)} in all, which table and CSV hold. ` : '';
  const gaps = astray === 0n ? '' : `${plural(astray, 'point')} ${astray === 1n ? 'is' : 'are'} NaN or infinite: the line has a gap there. `;
  return `${few}${gaps}A line a run, a dot where it was measured once. Drag across it to see some steps closer.`;
}
