/** What comes out the same in every home, whatever happens on the way: each version of the data, and the first model. */
export const digestsOf = ({ versions, modelVersions }) => ({
  versions: versions.map(({ name, digest }) => `${name} ${digest}`).sort(),
  model: modelVersions.find(({ name }) => name.endsWith('/versions/1'))?.artifact?.digest ?? '',
});

/** In words what is another than it was the first time. */
export function otherDigests(first, found) {
  const lines = ({ versions, model }) => [...versions, `the first model ${model}`];
  const known = new Set(lines(first));
  return lines(found).filter((line) => !known.has(line)).map((line) => `the same digests: ${line} was not so before`);
}
