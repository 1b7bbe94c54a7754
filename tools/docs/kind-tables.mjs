import { KINDS } from '@millrace/plan';
import ts from 'typescript';
import { z } from 'zod';
import { code, table } from './markdown.mjs';
import { parse, sourceFiles } from './source-files.mjs';

const FOLDER = 'libs/plan/src/kinds/';

/** Every kind of plan step: what it takes and does. */
export function renderKinds() {
  const rows = Object.values(KINDS).map(({ name, role, accepts, arity }) => [code(name), role, accepts.map(code).join(', '), countOf(arity), sentenceOf(name)]);
  return table(['kind', 'role', 'takes', 'columns', 'what it does'], rows);
}

/** Every option of every kind. */
export function renderKindOptions() {
  const rows = Object.values(KINDS).flatMap(({ name, options }) =>
    propertiesOf(z.toJSONSchema(options, { io: 'input' })).map(([option, schema]) => {
      if (!schema.description) throw new Error(`The option ${option} of ${name} is not described in its schema.`);
      return [code(name), code(option), schema.default === undefined ? '' : code(JSON.stringify(schema.default)), valuesOf(schema), schema.description];
    }),
  );
  return table(['kind', 'option', 'default', 'values', 'meaning'], rows);
}

/** The options of a kind; of one that has several forms those of all, and what tells the forms apart once. */
function propertiesOf({ properties, oneOf = [] }) {
  const found = new Map(Object.entries(properties ?? {}));
  for (const [option, schema] of oneOf.flatMap((form) => Object.entries(form.properties))) {
    const { anyOf, description } = found.get(option) ?? {};
    if (schema.const === undefined) found.set(option, schema);
    else found.set(option, { anyOf: [...(anyOf ?? []), schema], description: [description, `${schema.const}: ${schema.description}`].filter(Boolean).join('; ') });
  }
  return [...found];
}

function countOf([fewest, most]) {
  if (most === 0) return 'none, or named in its options';
  if (fewest === most) return String(fewest);
  return most === Infinity ? `${fewest} or more` : `${fewest} to ${most}`;
}

function valuesOf({ type, enum: values, const: value, anyOf, minimum, exclusiveMinimum, maximum, prefixItems, items }) {
  if (values) return values.map((each) => code(String(each))).join(', ');
  if (value !== undefined) return code(String(value));
  if (anyOf) return anyOf.map(valuesOf).join(', ');
  if (type === 'array') return prefixItems ? `list of ${prefixItems.length} numbers` : `list of ${valuesOf(items)}`;
  if (type === 'string') return 'text';
  if (type === 'boolean') return [true, false].map((each) => code(String(each))).join(', ');
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const bounds = [least === undefined || Math.abs(least) > 2 ** 50 ? '' : ` ${exclusiveMinimum === undefined ? 'from' : 'above'} ${least}`, maximum === undefined || maximum > 2 ** 50 ? '' : ` to ${maximum}`];
  return `${type === 'integer' ? 'whole number' : 'number'}${bounds.join('')}`;
}

/** What stands above the export of a kind in its file. */
function sentenceOf(name) {
  const path = `${FOLDER}${name}.ts`;
  if (!sourceFiles().includes(path)) throw new Error(`The kind ${name} has no file ${path}.`);
  const statement = parse(path).statements.find((each) => ts.isVariableStatement(each) && each.declarationList.declarations.some((declaration) => declaration.name.getText() === name));
  const comment = statement && ts.getJSDocCommentsAndTags(statement)[0]?.comment;
  if (typeof comment !== 'string') throw new Error(`${path} says nothing above ${name}.`);
  return comment.replaceAll(/\s*\n\s*/g, ' ');
}
