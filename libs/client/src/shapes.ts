/** At most one of these fields: which one is there tells what it is. */
export type OneOf<T> = { readonly [K in keyof T]: { readonly [P in K]: T[P] } & { readonly [P in Exclude<keyof T, K>]?: undefined } }[keyof T] | { readonly [P in keyof T]?: undefined };

/** What may be sent for a type: every field may be left out, and a whole number of 64 bits may be a number that is exact. */
export type Input<T> = T extends bigint
  ? bigint | number
  : T extends string | number | boolean | Date | Uint8Array | undefined
    ? T
    : T extends readonly (infer Element)[]
      ? readonly Input<Element>[]
      : { readonly [Key in keyof T]?: Input<T[Key]> | undefined };

/** What a call is asked with; the fields that its path is made of must be there. */
export type Asked<T, Needed extends keyof T = never> = Input<T> & { readonly [Key in Needed]-?: Input<NonNullable<T[Key]>> };
