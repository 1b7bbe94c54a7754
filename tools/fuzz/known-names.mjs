/** A resource name within an answer. */
const NAME = /^[a-z][A-Za-z]*s\/[A-Za-z0-9-]+(\/[a-z][A-Za-z]*s\/[A-Za-z0-9-]+)*$/;
/** What is asked for besides: it must be told that it is not there. */
const NOBODY = 'nobody';
const MOST = 12;

/** The ids of what a home has, by the path parameters of its document that they can stand for: every list is asked, and what those rows name is asked for in its turn. */
export async function knownNames(http, { paths }) {
  const ids = new Map();
  const lists = Object.entries(paths).filter(([path, { get }]) => get && !path.includes('{') && !path.endsWith(':watch'));
  const found = new Set();
  const take = (value) => {
    if (typeof value === 'string' && NAME.test(value)) found.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(take);
  };
  for (const [path] of lists) take(await (await fetch(`${http}${path}`)).json());
  for (const name of [...found]) {
    const answer = await fetch(`${http}/v1/${name}`);
    if (answer.status === 200) take(await answer.json());
  }
  for (const name of found) {
    const parts = name.split('/');
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const parameter = singular(parts[i]);
      ids.set(parameter, (ids.get(parameter) ?? new Set()).add(parts[i + 1]));
    }
  }
  return new Map([...ids].map(([parameter, known]) => [parameter, [...known].slice(0, MOST)]));
}

/** The document with what is there as the values of its path parameters. */
export function withNames(document, known) {
  const parametersOf = (parameters) => parameters.map((parameter) => (parameter.in === 'path' && known.has(parameter.name) ? { ...parameter, schema: { type: 'string', enum: [...known.get(parameter.name), NOBODY] } } : parameter));
  const paths = Object.entries(document.paths).map(([path, verbs]) => [path, Object.fromEntries(Object.entries(verbs).map(([verb, operation]) => [verb, { ...operation, parameters: parametersOf(operation.parameters) }]))]);
  return { ...document, paths: Object.fromEntries(paths) };
}

/** As the document calls a parameter by the collection before it. */
const singular = (collection) => (collection.endsWith('ies') ? `${collection.slice(0, -3)}y` : collection.replace(collection.endsWith('ses') ? /es$/ : /s$/, ''));
