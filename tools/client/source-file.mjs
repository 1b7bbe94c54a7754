import { posix } from 'node:path';

/** One generated file: what it holds, and what it imports for that. */
export class SourceFile {
  #parts = [];
  #imports = new Map();

  /** `path` is that of the file below gen, without its ending. */
  constructor(path) {
    this.path = path;
  }

  add(text) {
    this.#parts.push(text);
  }

  /** The name of what a hand-written file of the client exports. */
  local(file, name, kind = '') {
    return this.#import(`../${file}`, name, kind);
  }

  /** The name of a generated message or enum. */
  message(desc) {
    const name = typeNameOf(desc);
    return this.#import(desc.file.name, name, '');
  }

  text() {
    const imports = [...this.#imports].sort(([a], [b]) => (a < b ? -1 : 1)).map(([from, names]) => `import { ${[...names].sort().join(', ')} } from '${from}';\n`);
    return `// Generated from the contracts; not edited, not committed.\n${imports.join('')}\n${this.#parts.join('\n')}`;
  }

  #import(file, name, kind) {
    if (file === this.path) return name;
    const relative = posix.relative(posix.dirname(this.path), file);
    const from = `${relative.startsWith('.') ? relative : `./${relative}`}.js`;
    this.#imports.set(from, (this.#imports.get(from) ?? new Set()).add(kind === '' ? name : `${kind} ${name}`));
    return name;
  }
}

/** A nested type is called by all its names. */
export const typeNameOf = (desc) => (desc.parent ? typeNameOf(desc.parent) : '') + desc.name;
