import { commentOf, docOf } from './comments.mjs';
import { messageFiles } from './message-files.mjs';
import { nounsOf } from './nouns.mjs';
import { routedRpcs } from './routes.mjs';
import { SourceFile } from './source-file.mjs';

/** The files of the client by name: types and codecs of all that an annotated RPC reads or writes, and a file of RPCs for each noun. */
export function clientFiles(registry) {
  const rpcs = routedRpcs(registry);
  const nouns = nounsOf(rpcs);
  const files = messageFiles(rpcs.flatMap(({ rpc }) => [rpc.input, rpc.output]));
  for (const [noun, verbs] of nouns) files.set(`nouns/${noun}.ts`, nounFile(noun, verbs));
  files.set('nouns.ts', [...nouns.keys()].sort().map((noun) => `export { ${noun} } from './nouns/${noun}.js';\n`).join(''));
  return files;
}

function nounFile(noun, verbs) {
  const source = new SourceFile(`nouns/${noun}`);
  const members = Array.from(verbs, ([verb, routed]) => `${docOf(commentOf(routed.rpc), '  ')}  ${verb}: ${rpcText(routed, source)},\n`);
  source.add(`/** What can be done with ${noun}. */\nexport const ${noun} = {\n${members.join('')}};\n`);
  return source.text();
}

function rpcText({ rpc, at, body, needed }, source) {
  const { input, output } = rpc;
  const [asked, given] = [source.message(input), source.message(output)];
  const keyed = input.fields.some(({ name }) => name === 'request_id');
  const route = `{ at: [${at.map((each) => `'${each}'`).join(', ')}]${body === undefined ? '' : `, body: '${body}'`}${keyed ? ', keyed: true' : ''} }`;
  const messages = `{ input: ${asked}, output: ${given} }`;
  const needs = needed.map((name) => `'${name}'`).join(' | ');
  const one = `${source.local('shapes', 'Asked', 'type')}<${asked}${needs === '' ? '' : `, ${needs}`}>`;
  const request = isStream(rpc, 'client') ? `readonly ${one}[]` : one;
  const items = itemsOf(rpc);
  const kind = isStream(rpc, 'server') ? 'streamed' : items ? 'paged' : 'unary';
  const answer = items ? source.message(items.message) : given;
  return `/* @__PURE__ */ ${source.local('rpc', kind)}<${request}, ${answer}>(${route}, ${messages}${items ? `, '${items.jsonName}'` : ''})`;
}

const isStream = ({ methodKind }, side) => methodKind === `${side}_streaming` || methodKind === 'bidi_streaming';

/** The field with the items of a list that has pages; undefined for every other RPC. */
function itemsOf({ input, output, methodKind }) {
  const lists = output.fields.filter(({ fieldKind, message }) => fieldKind === 'list' && message !== undefined);
  const turns = input.fields.some(({ name }) => name === 'page_token') && output.fields.some(({ name }) => name === 'next_page_token');
  return methodKind === 'unary' && turns && lists.length === 1 ? lists[0] : undefined;
}
