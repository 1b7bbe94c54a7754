/** What is wrong with a field of a request, and where; each message on the way out says its part of the place. */
export class FieldFault extends Error {
  place: string;

  constructor(
    readonly why: string,
    place = '',
  ) {
    super(why);
    this.place = place;
  }

  /** The same fault as seen from outside: a name of a field, or a number of a list. */
  within(key: string | number): this {
    const part = typeof key === 'number' ? `[${key}]` : key;
    this.place = this.place === '' ? part : `${part}${this.place.startsWith('[') ? '' : '.'}${this.place}`;
    return this;
  }
}

/** Runs `read`; its faults lie within `key`. */
export function within<T>(key: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FieldFault ? error.within(key) : error;
  }
}
