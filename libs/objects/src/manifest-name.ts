import { errors } from './errors.js';

/** Ends every manifest file, so that a manifest `a` and the parts below `a/` do not meet. */
export const MANIFEST_SUFFIX = '.manifest';
const FORM = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const MAX_NAME = 200;

/** The name itself; INVALID_MANIFEST_NAME where it could leave the directory or meet another file. */
export function checkManifestName(name: string): string {
  const collides = name.split('/').some((part) => part.endsWith(MANIFEST_SUFFIX));
  if (name.length > MAX_NAME || !FORM.test(name) || collides) throw errors.INVALID_MANIFEST_NAME({ name });
  return name;
}
