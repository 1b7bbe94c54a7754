import { existsSync, readFileSync } from 'node:fs';
import type { Environment } from './job-process.js';

/** Variables whose value is a secret, and those that name the file of one. */
const SECRET = /SECRET|PASSWORD|TOKEN|HEADERS/;
const SECRET_FILE = /(?:PASSWORD|SECRET|TOKEN|KEY)_FILE$/;
/** What is shorter stands in many words. */
const LEAST_CHARACTERS = 4;
const HIDDEN = '…';

/** Takes out of texts what must not be kept: the secrets that the environment names, passwords in addresses, and what is handed over to be let in. */
export function redactionOf(env: Environment): (text: string) => string {
  const secrets = [...new Set(Object.entries(env).flatMap(([name, value = '']) => secretsIn(name, value)))].filter((secret) => secret.length >= LEAST_CHARACTERS).toSorted((a, b) => b.length - a.length);
  return (text) =>
    secrets
      .reduce((told, secret) => told.replaceAll(secret, HIDDEN), text)
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${HIDDEN}@`)
      .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`);
}

function secretsIn(name: string, value: string): readonly string[] {
  // Who needs the file says that it cannot be read; here there is only nothing to hide.
  if (SECRET_FILE.test(name)) return existsSync(value) ? readFileSync(value, 'utf8').split('\n').map((line) => line.trim()).filter((line) => !line.startsWith('-----')) : [];
  if (SECRET.test(name)) return [value];
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  return [password, decoded(password)];
}

/** A password as a person wrote it; one that is no percent-encoding is itself. */
function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
