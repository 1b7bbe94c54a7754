import { defineErrors, type Params } from './errors.js';

const errors = defineErrors('millrace', {
  INVALID_NAME: { code: 'INVALID_ARGUMENT', message: '"{name}" is not of the form {pattern}.' },
});

/** A resource name of one form, such as `models/{model}/versions/{version}`: written and read in one place (AIP-122). */
export function resourceName<const Pattern extends string>(pattern: Pattern) {
  type Ids = Record<Params<Pattern>, string>;
  const form = new RegExp(`^${pattern.replace(/\{(\w+)\}/g, '(?<$1>[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)')}$`);
  return {
    format: (ids: { [Key in keyof Ids]: string | number }): string =>
      pattern.replace(/\{(\w+)\}/g, (_, key) => String(ids[key as keyof Ids])),
    parse(name: string): Ids {
      const ids = form.exec(name)?.groups;
      if (!ids) throw errors.INVALID_NAME({ name, pattern });
      return ids as Ids;
    },
  };
}
