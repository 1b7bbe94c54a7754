/**
 * A row as it is written: what was measured, what it is compared with, and whether the aim is met. `raw` is the limit that nobody can pass.
 * An aim is about the ratio (at most so many times the base), or about our own figure (at most, at least); a row without one only tells.
 */
export function finish({ id, ours, base, raw, unit, aim, note }) {
  const ratio = base === undefined ? undefined : ours / base;
  return { id, ours: short(ours), base: short(base), raw: short(raw), unit, ratio: short(ratio), aim: aimText(aim), met: isMet(aim, { ours, ratio }), note: note ?? '' };
}

function aimText(aim) {
  if (aim === undefined) return '';
  if (aim.ratio !== undefined) return `≤ ${aim.ratio} ×`;
  return aim.atMost !== undefined ? `≤ ${aim.atMost}` : `≥ ${aim.atLeast}`;
}

/** Null where there is no aim, or nothing to compare with. */
function isMet(aim, { ours, ratio }) {
  if (aim === undefined || (aim.ratio !== undefined && ratio === undefined)) return null;
  if (aim.ratio !== undefined) return ratio <= aim.ratio;
  return aim.atMost !== undefined ? ours <= aim.atMost : ours >= aim.atLeast;
}

/** Four digits say more than the machine knows. */
const short = (value) => (value === undefined ? null : Number(value.toPrecision(4)));
