import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { ROOT } from './root.mjs';

const NOT_PRODUCT = /\.(spec|suite|fixture)\.ts$|\/(gen|fixtures)\//;

let files;

/** The TypeScript files of apps and libs that are the product: no specs, no fixtures, nothing generated. Paths are relative to the root, with slashes. */
export function sourceFiles() {
  return (files ??= projects()
    .flatMap((project) => filesBelow(join(ROOT, project, 'src')))
    .filter((path) => path.endsWith('.ts') && !NOT_PRODUCT.test(path)));
}

/** The folders of the projects: `apps/cli`, `libs/core` and so on. */
export function projects() {
  return ['apps', 'libs'].flatMap((group) =>
    readdirSync(join(ROOT, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${group}/${name}`),
  );
}

const texts = new Map();

/** The text of a file, read once. */
export function sourceText(path) {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), 'utf8');
  texts.set(path, text);
  return text;
}

/** The syntax tree of a file. */
export const parse = (path) => ts.createSourceFile(path, sourceText(path), ts.ScriptTarget.Latest, true);

/** Calls `visit` with every node of a tree, outer ones first. */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The text of an expression that is a text, or a constant of the same file that is one; undefined for any other. */
export function textOf(expression, file) {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (!ts.isIdentifier(expression)) return undefined;
  const value = constant(file, expression.text);
  return value && ts.isStringLiteralLike(value) ? value.text : undefined;
}

/** What a constant at the top of a file is set to. */
export function constant(file, name) {
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) if (declaration.name.getText(file) === name) return plain(declaration.initializer);
  }
  return undefined;
}

/** The members of an object literal by name. */
export const members = (object) => new Map(object.properties.flatMap((property) => (ts.isPropertyAssignment(property) ? [[property.name.text, plain(property.initializer)]] : [])));

/** An expression without `as const`, `satisfies …` and brackets. */
export function plain(expression) {
  let inner = expression;
  while (inner && (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isParenthesizedExpression(inner))) inner = inner.expression;
  return inner;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
