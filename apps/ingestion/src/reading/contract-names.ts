const REFUSED = /[^A-Za-z0-9_ .-]+/g;
const LONGEST = 128;

/** Names that a contract takes for the columns of a source, in their order: one that it takes stays as it is; of any other what it refuses is left out, and a number tells it from a name that is taken. */
export function contractNames(sourceNames: readonly string[]): readonly string[] {
  const taken = new Set(sourceNames.filter((name) => mended(name) === name).map((name) => name.toLowerCase()));
  return sourceNames.map((name) => {
    const wanted = mended(name);
    if (wanted === name) return name;
    let free = wanted;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${wanted.slice(0, LONGEST - 8)} ${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function mended(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9_ .-]{0,127}$/.test(name)) return name;
  const kept = name.normalize('NFKD').replaceAll(/\p{Mark}/gu, '').replaceAll(REFUSED, ' ').replaceAll(/ {2,}/g, ' ').trim();
  return (/^[A-Za-z]/.test(kept) ? kept : `column ${kept}`).slice(0, LONGEST).trim();
}
