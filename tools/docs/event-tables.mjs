import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, HEADER_MEANINGS, toRecord } from '@millrace/events';
import ts from 'typescript';
import { code, table } from './markdown.mjs';
import { ROOT } from './root.mjs';
import { constant, members, parse, plain, sourceFiles, walk } from './source-files.mjs';

const CATALOGUE = 'libs/events/src/catalogue.ts';

/** Every event of the catalogue with its key, and with who publishes and who consumes it, as the sources of the apps say. */
export function declaredEvents() {
  const keys = keysInSource();
  const uses = usesInSource();
  return Object.entries(catalogue).flatMap(([group, events]) =>
    Object.entries(events).map(([name, { type, topic }]) => {
      const id = `${group}.${name}`;
      return { type, topic, message: type.split('.').at(-1), key: keys.get(id), says: commentOf(type), publishers: uses.publishers.get(id) ?? [], consumers: uses.consumers.get(id) ?? [], proto: protoOf(type) };
    }),
  );
}

/** The tables of docs/events.md, one a topic. */
export function renderEvents() {
  const byTopic = Map.groupBy(declaredEvents(), ({ topic }) => topic);
  return [...byTopic]
    .map(([topic, events]) => {
      const rows = events.map(({ message, says, key, publishers, consumers }) => [code(message), says, key, publishers.join(', ') || 'nobody', consumers.map(({ app, group }) => `${app} (${code(group)})`).join(', ') || 'nobody yet']);
      return `### ${topic}\n\nPayloads: [${events[0].proto}](../${events[0].proto})\n\n${table(['event', 'what it says', 'key', 'published by', 'consumed by (group)'], rows)}`;
    })
    .join('\n\n');
}

/** The headers of a record as the bus has them. */
export function renderHeaders() {
  const event = { ...catalogue.registry.modelAliasMoved, message: { encode: () => ({ finish: () => new Uint8Array() }) }, key: () => 'models/late-flights' };
  const { headers } = toRecord(event, '/millrace/registry', {}, { id: '01900000-0000-7000-8000-000000000000', time: new Date(0), subject: 'models/late-flights/aliases/champion', traceparent: '00-…' });
  return table(['header', 'such as', 'meaning'], Object.entries(headers).map(([name, value]) => {
    if (HEADER_MEANINGS[name] === undefined) throw new Error(`The header ${name} has no meaning in libs/events/src/event-headers.ts.`);
    return [code(name), code(value), HEADER_MEANINGS[name]];
  }));
}

/** How each event's key is found, in words, from the last argument of its line in the catalogue. */
function keysInSource() {
  const file = parse(CATALOGUE);
  const keys = new Map();
  for (const [group, events] of members(constant(file, 'catalogue'))) {
    for (const [name, call] of members(events)) keys.set(`${group}.${name}`, keyInWords(plain(call.arguments.at(-1).body), file));
  }
  return keys;
}

/** `x?.name ?? ''` is the field, `parentOf(x?.name)` the resource that it belongs to. */
function keyInWords(body, file) {
  if (ts.isCallExpression(body) && body.expression.getText(file) === 'parentOf') return `parent of ${fieldOf(body.arguments[0], file)}`;
  return fieldOf(ts.isBinaryExpression(body) ? body.left : body, file);
}

const fieldOf = (node, file) => code(node.getText(file).replaceAll('?.', '.').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** Publishers call `toRecord(catalogue.x.y, …)`; consumers name `onEvent(catalogue.x.y, …)` in a group. */
function usesInSource() {
  const publishers = new Map();
  const consumers = new Map();
  const add = (map, id, value) => map.set(id, [...(map.get(id) ?? []), value]);
  for (const path of sourceFiles().filter((each) => each.startsWith('apps/'))) {
    const app = path.split('/')[1];
    const file = parse(path);
    walk(file, (node) => {
      if (!ts.isCallExpression(node)) return;
      const [, id] = /^catalogue\.(\w+\.\w+)$/.exec(node.arguments[0]?.getText(file) ?? '') ?? [];
      if (id === undefined) return;
      const called = node.expression.getText(file);
      if (called === 'toRecord') add(publishers, id, app);
      if (called === 'onEvent') add(consumers, id, { app, group: groupAround(node, file) });
    });
  }
  return { publishers, consumers };
}

/** The text of the `group` of the object that a route stands in. */
function groupAround(node, file) {
  for (let outer = node.parent; outer; outer = outer.parent) {
    const group = ts.isObjectLiteralExpression(outer) ? members(outer).get('group') : undefined;
    if (group && ts.isStringLiteralLike(group)) return group.text;
  }
  throw new Error(`A route of ${file.fileName} stands in no group with a name.`);
}

const protoOf = (type) => `proto/${type.split('.').slice(0, -1).join('/')}/events.proto`;

/** The comment above a message in its proto file. */
function commentOf(type) {
  const lines = readFileSync(join(ROOT, protoOf(type)), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith(`message ${type.split('.').at(-1)} `));
  if (at < 0) throw new Error(`${protoOf(type)} has no message ${type}.`);
  let first = at;
  while (lines[first - 1]?.startsWith('//')) first--;
  return lines.slice(first, at).map((line) => line.replace(/^\/\/\s*/, '')).join(' ');
}
