import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, table } from './markdown.mjs';
import { ROOT } from './root.mjs';

const RPC = /((?: {2}\/\/ [^\n]*\n)+) {2}rpc (\w+)\((\w+)\) returns \(stream (\w+)\) \{\n {4}option \(google\.api\.http\) = \{ get: "([^"]+)" \};/g;

/** Every stream that HTTP gives as server-sent events, by the contracts: what it tells, where, and by what it is resumed. */
export function declaredStreams() {
  const files = readdirSync(join(ROOT, 'proto'), { recursive: true }).filter((name) => name.endsWith('.proto')).map((name) => readFileSync(join(ROOT, 'proto', name), 'utf8'));
  const fieldsOf = (message) => files.map((text) => new RegExp(`message ${message} \\{\\n([\\s\\S]*?)\\n\\}`).exec(text)?.[1]).find((fields) => fields !== undefined) ?? '';
  return files
    .flatMap((text) => [...text.matchAll(RPC)])
    .map(([, comment, rpc, input, output, path]) => ({ rpc, path, says: comment.trim().split('\n').map((line) => line.trim().slice(3)).join(' '), resumedBy: resumedBy(fieldsOf(input), fieldsOf(output)) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The table of docs/streams.md. */
export const renderStreams = () => table(['GET', 'what it sends', 'after a break'], declaredStreams().map(({ path, rpc, says, resumedBy }) => [code(path), `${says} (${code(rpc)})`, resumedBy]));

/** The same that the gateway goes by. */
function resumedBy(input, output) {
  if (/ after = /.test(input) && / position = /.test(output)) return 'what comes after the last';
  if (/ changed_since = /.test(input) && / update_time = /.test(output)) return 'what changed since the last';
  return 'what it is now, where that is something else';
}
