/** A resource name of a collection, from the name itself or its last part alone. */
export const fullName = (collection: string, name: string): string => (name.startsWith(`${collection}/`) ? name : `${collection}/${name}`);

/** What a person calls a resource: its name without the collection, `models/late/versions/3` → `late/versions/3`. */
export const shortName = (name: string): string => name.slice(name.indexOf('/') + 1);

/** `models/late/versions/3` → `late 3`, and the same for any versioned resource. */
export const shortVersion = (name: string): string => shortName(name).replace('/versions/', ' ');

/** The last part of a name, such as the version. */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Reads `late`, `late@champion`, `late/versions/3`, `late/aliases/champion` and the same with `models/` before. */
export function modelRef(text: string): { readonly model: string; readonly version: string | undefined } {
  const name = fullName('models', text).replace(/@([^/@]+)$/, '/aliases/$1');
  const [collection, model = ''] = name.split('/');
  return { model: `${collection}/${model}`, version: name.split('/').length > 2 ? name : undefined };
}
