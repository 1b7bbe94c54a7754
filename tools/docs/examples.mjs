import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './root.mjs';
import { parse } from './source-files.mjs';

const EXAMPLE = /^```ts\n([\s\S]*?)^```/gm;
const IMPORT = /^import (?:type )?\{([^}]*)\} from '@millrace\/([a-z-]+)';/gm;

/** What the TypeScript examples of a page import from a package that does not export it, as `package: name`. */
export function unknownImports(text) {
  return [...text.matchAll(EXAMPLE)].flatMap(([, example]) =>
    [...example.matchAll(IMPORT)].flatMap(([, names = '', project = '']) => {
      const exported = exportsOf(project);
      return names
        .split(',')
        .map((name) => name.trim().replace(/^type /, '').split(' as ')[0])
        .filter((name) => name !== '' && !exported.has(name))
        .map((name) => `${project}: ${name}`);
    }),
  );
}

/** The names that the index of a project exports. */
function exportsOf(project) {
  const index = ['libs', 'apps'].map((group) => `${group}/${project}/src/index.ts`).find((path) => existsSync(join(ROOT, path)));
  if (index === undefined) return new Set();
  return new Set(
    parse(index).statements.flatMap((statement) => {
      if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) return statement.exportClause.elements.map(({ name }) => name.text);
      if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.text);
      return statement.name ? [statement.name.text] : [];
    }),
  );
}
