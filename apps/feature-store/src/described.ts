/** What people say of a definition: none of it changes a value. */
export interface Described {
  readonly description: string;
  /** Who answers for it; left out where nobody is named. */
  readonly owner?: string;
  /** Left out where there are none. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What definitions are looked for by; all of it must hold. */
export interface Sought {
  readonly owner?: string | undefined;
  /** A key, or key:value. */
  readonly tag?: string | undefined;
  /** Stands in the name or the description, in letters of any case. */
  readonly text?: string | undefined;
}

const MAX_TAGS = 64;
/** A filter must be able to say it. */
const WORD = /^[^\s"=]{1,128}$/;
const KEY = /^[^\s"=:]{1,128}$/;

/** Finds what cannot stand beside a definition; throws what `fault` makes of the place and the reason. */
export function checkDescribed({ owner, tags = {} }: Described, fault: (place: string, why: string) => Error): void {
  if (owner !== undefined && !WORD.test(owner)) throw fault('owner', 'an owner is a name or an address of at most 128 characters without spaces, quotes and equals signs');
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) throw fault('tags', `there are ${entries.length} of them, and at most ${MAX_TAGS} may be`);
  for (const [key, value] of entries) {
    if (!KEY.test(key)) throw fault(`tags.${key}`, 'a key has 1 to 128 characters and no spaces, quotes, colons and equals signs');
    if (value !== '' && !WORD.test(value)) throw fault(`tags.${key}`, 'a value has at most 128 characters and no spaces, quotes and equals signs');
  }
}

/** Whether a definition of a name is one of those looked for. */
export function isSought({ name, description, owner, tags = {} }: Described & { readonly name: string }, sought: Sought): boolean {
  const text = sought.text?.toLowerCase();
  if (sought.owner !== undefined && owner !== sought.owner) return false;
  if (text !== undefined && !name.toLowerCase().includes(text) && !description.toLowerCase().includes(text)) return false;
  if (sought.tag === undefined) return true;
  const [key = '', ...value] = sought.tag.split(':');
  return Object.hasOwn(tags, key) && (value.length === 0 || tags[key] === value.join(':'));
}
