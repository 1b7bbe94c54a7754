import type { OpenApi } from './document.js';
import type { Operation, Parameter } from './operation.js';
import type { Schema } from './schemas.js';

/** What the page may load: its own style, and nothing else. */
export const PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The document as a page for people: one section a service, one line a call, which opens. No script, nothing from elsewhere. */
export function toPage({ info, tags, paths, components }: OpenApi): string {
  const calls = Object.entries(paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })));
  const sections = tags.map(({ name, description }) => `<section id="${escape(name)}"><h2>${escape(name)}</h2><p>${prose(description)}</p>${calls.filter(({ operation }) => operation.tags.includes(name)).map(toCall).join('')}</section>`);
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `<details id="${anchor(name)}"><summary><code>${escape(name)}</code></summary>${toSchema(schema)}</details>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Millrace over HTTP</title><link rel="icon" type="image/svg+xml" href="/mark.svg"><link rel="stylesheet" href="/docs/style.css"></head>
<body><nav aria-label="Services"><ul><li><a href="/">The page</a></li>${tags.map(({ name }) => `<li><a href="#${escape(name)}">${escape(name)}</a></li>`).join('')}<li><a href="#messages">Messages</a></li><li><a href="/openapi.json">openapi.json</a></li></ul></nav>
<main><h1>Millrace over HTTP <small>${escape(String(info['version']))}</small></h1>${String(info['description']).split('\n\n').map((part) => `<p>${prose(part)}</p>`).join('')}
${sections.join('\n')}
<section id="messages"><h2>Messages</h2>${schemas.join('\n')}</section></main></body></html>
`;
}

/** The style of the page, light or dark as the reader has it. */
export const PAGE_STYLE = `:root { color-scheme: light dark; --paper: light-dark(#f6f5f0, #11171a); --sheet: light-dark(#fdfcf9, #171e22); --ink: light-dark(#1b2428, #e5e8e4); --soft: light-dark(#56616a, #a2adb1); --edge: light-dark(#dedbd0, #2b353a); --water: light-dark(#0b5f6d, #74c9d6); }
body { margin: 0; background: var(--paper); color: var(--ink); font: .9375rem/1.55 system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); }
nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow: auto; border-right: 1px solid var(--edge); padding: 1.5rem 1rem; box-sizing: border-box; }
nav ul { list-style: none; margin: 0; padding: 0; } nav li { margin: .375rem 0; } a { color: var(--water); text-underline-offset: .18em; } nav a { color: var(--soft); text-decoration: none; } nav a:hover { color: var(--ink); }
main { max-width: 62rem; padding: 2.25rem 2.25rem 4rem; } h1 { margin: 0; font-size: 1.875rem; letter-spacing: -.022em; } h1 small { color: var(--soft); font-size: 1rem; font-weight: normal; } h2 { margin: 2.5rem 0 .25rem; font-size: 1.1875rem; } h3 { margin: 1rem 0 0; font-size: .8125rem; color: var(--soft); } p { max-width: 46rem; }
code { font: .92em ui-monospace, 'Noto Sans Mono', monospace; overflow-wrap: anywhere; } details { border-bottom: 1px solid var(--edge); }
summary { cursor: pointer; padding: .45rem 0; } details[open] { background: var(--sheet); } details > :not(summary) { margin-left: 1rem; margin-right: 1rem; }
:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: 3px; }
.verb { display: inline-block; min-width: 4.2rem; color: var(--water); font: bold .8em ui-monospace, monospace; } table { border-collapse: collapse; width: calc(100% - 2rem); margin-bottom: .8rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--edge); font-size: .8125rem; } th { color: var(--soft); font-weight: 500; }
@media (max-width: 45rem) { body { display: block; } nav { position: static; height: auto; border: 0; padding-bottom: 0; } nav li { display: inline-block; margin-right: .8rem; } main { padding: 1rem; } }
`;

interface Call {
  readonly path: string;
  readonly verb: string;
  readonly operation: Operation;
}

function toCall({ path, verb, operation }: Call): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const answered = responses['200'];
  return `<details id="${escape(operationId)}"><summary><span class="verb">${escape(verb.toUpperCase())}</span> <code>${escape(path)}</code> ${prose(summary)}</summary>
<p><code>${escape(operation['x-grpc-method'])}</code></p>${toParameters(parameters)}${requestBody ? `<h3>Body</h3>${toSchema(contentOf(requestBody))}` : ''}<h3>Answer</h3><p>${prose(String(answered?.['description'] ?? ''))}</p>${toSchema(contentOf(answered))}</details>`;
}

function toParameters(parameters: readonly Parameter[]): string {
  return table(['parameter', 'in', 'form', ''], parameters.map(({ name, in: place, description = '', schema }) => [`<code>${escape(name)}</code>`, place, formOf(schema), prose(description)]));
}

/** The fields of an object, or what else it is. */
function toSchema(schema: Schema | undefined): string {
  if (schema === undefined) return '';
  const { properties, description = '' } = schema;
  const said = `<p>${prose(String(description))}</p>`;
  if (properties === undefined) return `<p>${formOf(schema)}</p>${said}`;
  return `${said}${table(['field', 'form', ''], Object.entries(properties as Record<string, Schema>).map(([name, field]) => [`<code>${escape(name)}</code>`, formOf(field), prose(String(field['description'] ?? ''))]))}`;
}

/** A form in a few words, with a link where it is a message. */
function formOf(schema: Schema): string {
  const { $ref: reference, type, items, additionalProperties: each, format, enum: names, anyOf, contentSchema } = schema;
  if (typeof reference === 'string') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return `<a href="#${anchor(name)}">${escape(name.slice(name.lastIndexOf('.') + 1))}</a>`;
  }
  if (items !== undefined) return `list of ${formOf(items as Schema)}`;
  if (contentSchema !== undefined) return `JSON of ${formOf(contentSchema as Schema)}`;
  if (typeof each === 'object') return `map to ${formOf(each as Schema)}`;
  if (anyOf !== undefined) return 'number';
  if (Array.isArray(names)) return names.map((name) => `<code>${escape(String(name))}</code>`).join(' ');
  return escape([type, format].filter((part) => part !== undefined).join(' '));
}

function contentOf(holder: Schema | undefined): Schema | undefined {
  const content = Object.values((holder?.['content'] ?? {}) as Record<string, { readonly schema: Schema }>);
  return content[0]?.schema;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return `<table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody></table>`;
}

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPED[char] ?? char);
const anchor = (name: string): string => escape(`message-${name}`);
/** Text of a comment: what stands between backticks is code. */
const prose = (text: string): string => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
