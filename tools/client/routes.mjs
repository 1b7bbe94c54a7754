import { getOption, hasOption } from '@bufbuild/protobuf';

/** Every RPC that has an HTTP annotation and whose answer is a message, as the client asks for it: verbs with templates of field names in JSON, what the body is, and which fields must be there. */
export function routedRpcs(registry) {
  const http = registry.getExtension('google.api.http');
  const services = Array.from(registry).filter((desc) => desc.kind === 'service');
  return services.flatMap(({ methods }) => methods.filter((rpc) => hasOption(rpc, http) && getOption(rpc, http).responseBody === '').map((rpc) => routed(rpc, getOption(rpc, http))));
}

function routed(rpc, rule) {
  const rules = [rule, ...rule.additionalBindings];
  const bodies = new Set(rules.map(({ body }) => body));
  if (bodies.size > 1) throw new Error(`${rpc.parent.typeName}/${rpc.name} has several bodies, and the client sends one.`);
  if (rule.body !== '' && rule.body !== '*' && !rpc.input.field[camel(rule.body)]) throw new Error(`${rpc.parent.typeName}/${rpc.name} has a body ${rule.body}, which ${rpc.input.name} has not.`);
  return { rpc, at: rules.map(({ pattern }) => `${pattern.case.toUpperCase()} ${camelTemplate(pattern.value)}`), body: rule.body === '' ? undefined : rule.body === '*' ? '*' : camel(rule.body), needed: neededBy(rule.pattern.value) };
}

const camelTemplate = (template) => template.replace(/\{([\w.]+)/g, (_, field) => `{${field.split('.').map(camel).join('.')}`);

const neededBy = (template) => [...new Set(Array.from(template.matchAll(/\{(\w+)/g), ([, field]) => camel(field)))];

/** A field name as JSON has it. */
export const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
