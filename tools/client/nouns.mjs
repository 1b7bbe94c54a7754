/**
 * What each RPC is called: `RollBackAlias` is `aliases.rollBack`. Its noun is the longest that its name ends with, of all that some RPC lists or gets; a name
 * without such a noun is called by its path: `/v1/plans:check` is `plans.check`. Two RPCs of one name are an error.
 */
export function nounsOf(rpcs) {
  const known = new Set(rpcs.flatMap(({ rpc }) => declaredNoun(rpc) ?? []));
  const nouns = new Map();
  for (const routed of rpcs) {
    const { noun, verb } = nameOf(routed, known);
    const verbs = nouns.get(noun) ?? new Map();
    if (verbs.has(verb)) throw new Error(`${routed.rpc.name} and ${verbs.get(verb).rpc.name} would both be ${noun}.${verb}; give one of them another name.`);
    nouns.set(noun, verbs.set(verb, routed));
  }
  return nouns;
}

/** Of GetModel or ListModels: Model. What is got must be the noun itself. */
function declaredNoun({ name, output }) {
  const [, verb = '', rest = ''] = /^(Get|List)(\w+)$/.exec(name) ?? [];
  return verb === 'List' ? singular(rest) : verb === 'Get' && output.name === rest ? rest : undefined;
}

function nameOf({ rpc, at }, known) {
  for (const { index } of rpc.name.slice(1).matchAll(/[A-Z]/g)) {
    const [verb, rest] = [rpc.name.slice(0, index + 1), rpc.name.slice(index + 1)];
    if (known.has(rest)) return { noun: lower(plural(rest)), verb: lower(verb) };
    // Beside a verb for one, that for several says so.
    if (known.has(singular(rest))) return { noun: lower(rest), verb: lower(verb) + (hasTwin(rpc, verb + singular(rest)) ? 'All' : '') };
  }
  const [, path = '', verb] = /^\w+ (.*?)(?::(\w+))?$/.exec(at[0]) ?? [];
  // What a variable fills is no part of the path; what it must look like is.
  const collection = path.replaceAll(/\{[\w.]+=?/g, '').split(/[/}]/).filter((part) => /^[a-z]\w*$/.test(part) && !/^v\d+$/.test(part)).at(-1);
  if (collection === undefined) throw new Error(`${rpc.name} has a path without a noun: ${path}.`);
  return { noun: collection, verb: verb ?? lower(/^[A-Z][a-z]+/.exec(rpc.name)?.[0] ?? rpc.name) };
}

const hasTwin = ({ parent, name }, other) => !name.startsWith('List') && parent.methods.some((rpc) => rpc.name === other);

const plural = (noun) => (noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : noun.endsWith('s') ? `${noun}es` : `${noun}s`);

const singular = (nouns) => (nouns.endsWith('ies') ? `${nouns.slice(0, -3)}y` : nouns.endsWith('ses') ? nouns.slice(0, -2) : nouns.replace(/s$/, ''));

const lower = (name) => name.charAt(0).toLowerCase() + name.slice(1);
