import { type Expr, type F64, mayBeNegativeZero, reachable, type Tree, width } from './expression.js';
import { TEXT_MISSING } from './input-layout.js';
import { MAX_LENGTH, MAX_REPLACED } from './ir.js';
import { type Dialect, FLOAT_OVERFLOW } from './sql-dialect.js';

/** A column of the result: its name and what it holds. */
export interface SqlOutput {
  readonly name: string;
  readonly node: Expr;
}

export interface SqlSource {
  /** What stands after FROM: a quoted name or a query in parentheses. */
  readonly relation: string;
  /** Columns of the relation that the result keeps, before the others. */
  readonly tail?: readonly string[];
  readonly dialect: Dialect;
}

/** Lookups with more keys than this are joined instead of written as CASE. */
const MAX_CASES = 24;
const SYMBOL = { add: '+', sub: '-', mul: '*', div: '/', lt: '<', le: '<=', gt: '>', ge: '>=', eq: '=', and: 'AND', or: 'OR' } as const;
/** Operations that write an argument more than once; a vector writes its arguments for each element. */
const REPEATS: ReadonlySet<string> = new Set(['ln', 'pow2', 'f32', 'lookup', 'dot', 'bucket', 'sqrt', 'pick', 'recase', 'length', 'replace', 'forest']);

/**
 * Writes a query of the outputs over a relation. What is used more than once becomes a column of an inner SELECT,
 * so that the text grows with the graph and not with its paths. The order of the rows is not promised.
 */
export function renderSql(outputs: readonly SqlOutput[], { relation, tail = [], dialect }: SqlSource): string {
  const layers = layout(outputs.map(({ node }) => node));
  const expression = expressions(layers, dialect);
  const quote = dialect.identifier;
  let from = relation;
  const keep = tail.map((name, i) => `${quote(name)} AS ${quote(`k${i}`)}`);
  layers.nodes.forEach((nodes, level) => {
    const columns = [...(level === 0 ? keep : ['p.*']), ...nodes.map((node) => `${expression.define(node)} AS ${quote(`n${node.id}`)}`)];
    const joins = joined(nodes).map((vec) => {
      const values = Array.from({ length: width(vec) }, (_, i) => vec.table.rows.map((row) => row[i] ?? 0));
      return ` LEFT JOIN ${dialect.table(vec.table.keys, values)} AS j${vec.id} ON j${vec.id}."k" = ${expression.use(vec.args[0])}`;
    });
    from = `(SELECT ${columns.length > 0 ? columns.join(', ') : '1 AS "one"'} FROM ${from} AS p${joins.join('')})`;
  });
  const result = [...tail.map((name, i) => `${quote(`k${i}`)} AS ${quote(name)}`), ...outputs.map(({ name, node }) => `${expression.use(node)} AS ${quote(name)}`)];
  return `SELECT ${result.join(', ')} FROM ${from} AS p`;
}

interface Layers {
  readonly nodes: readonly (readonly Expr[])[];
  readonly named: ReadonlySet<Expr>;
}

/** Decides which nodes become columns, and in which layer. */
function layout(roots: readonly Expr[]): Layers {
  const uses = new Map<Expr, number>();
  const count = (node: Expr, times: number) => void uses.set(node, (uses.get(node) ?? 0) + times);
  const all = reachable(roots);
  for (const root of roots) count(root, 1);
  for (const node of all) for (const arg of node.args) count(arg, REPEATS.has(node.op) && !(node.op === 'f32' && isSmall(arg)) ? 2 : 1);
  const trivial = (node: Expr) => node.op === 'lit' || node.type === 'vec';
  const nodes: Expr[][] = [[]];
  const named = new Set<Expr>();
  const levels = new Map<Expr, number>();
  for (const node of all) {
    const below = Math.max(0, ...node.args.map((arg) => levels.get(arg) ?? 0));
    const own = !trivial(node) && (node.op === 'col' || isJoined(node) || (uses.get(node) ?? 0) > 1);
    if (own) {
      (nodes[below] ??= []).push(node);
      named.add(node);
    }
    levels.set(node, own ? below + 1 : below);
  }
  return { nodes: Array.from(nodes, (layer) => layer ?? []), named };
}

/** Whether every value of a node is known to be within the range of a float32. */
const isSmall = (node: Expr): boolean => {
  if (node.op !== 'elem' || node.args[0].op !== 'lookup') return false;
  const { rows, unseen, missing } = node.args[0].table;
  return [...rows, unseen, missing].every((row) => !(Math.abs(row[node.index] ?? 0) >= FLOAT_OVERFLOW));
};

/** Whether a node reads a table that is joined. */
const isJoined = (node: Expr): boolean => node.op === 'elem' && node.args[0].op === 'lookup' && node.args[0].table.keys.length > MAX_CASES;

const joined = (nodes: readonly Expr[]) => [...new Set(nodes.filter(isJoined).flatMap((node) => (node.op === 'elem' && node.args[0].op === 'lookup' ? [node.args[0]] : [])))];

/** Gives the text of a node: `define` writes it out, `use` names its column where it has one. */
function expressions({ named }: Layers, dialect: Dialect) {
  const use = (node: Expr): string => (named.has(node) ? dialect.identifier(`n${node.id}`) : define(node));
  const guarded = (sql: string, safe: boolean) => (safe ? sql : dialect.noNan(sql));
  const define = (node: Expr): string => {
    switch (node.op) {
      case 'col':
        return dialect.column(`p.${dialect.identifier(node.name)}`, node.column);
      case 'lit':
        return node.type === 'str' ? dialect.text(node.value) : dialect.double(node.value);
      case 'add':
      case 'sub':
        return guarded(infix(node.op, node.args), node.args.some(isFinite));
      case 'mul':
        return guarded(infix(node.op, node.args), node.args.some(isFiniteNonZero));
      case 'div':
        return guarded(infix(node.op, node.args), isFiniteNonZero(node.args[1]));
      case 'lt':
      case 'le':
      case 'gt':
      case 'ge':
      case 'eq':
        return dialect.isTrue(infix(node.op, node.args));
      case 'and':
      case 'or':
        return infix(node.op, node.args);
      case 'not':
        return `(NOT ${use(node.args[0])})`;
      case 'isnull':
        return `(${use(node.args[0])} IS NULL)`;
      case 'when': {
        const [condition, a, b] = node.args;
        const choice = `(CASE WHEN ${use(condition)} THEN ${use(a)} ELSE ${use(b)} END)`;
        return mayBeNegativeZero(a) || mayBeNegativeZero(b) ? dialect.noNegativeZero(choice) : choice;
      }
      case 'ln':
        return dialect.ln(use(node.args[0]));
      case 'sqrt':
        return dialect.sqrt(use(node.args[0]));
      case 'floor':
        return `floor(${use(node.args[0])})`;
      case 'pow2':
        return dialect.pow2(use(node.args[0]));
      case 'fmod': {
        const by = dialect.integer(node.by);
        return `(((${use(node.args[0])} % ${by}) + ${by}) % ${by})`;
      }
      case 'iadd':
        return `(${use(node.args[0])} + ${dialect.integer(node.by)})`;
      case 'idiv':
        return dialect.idiv(use(node.args[0]), dialect.integer(node.by));
      case 'i2d':
        return dialect.i2d(use(node.args[0]));
      case 'concat':
        return `(${use(node.args[0])} || ${use(node.args[1])})`;
      case 'match':
        return dialect.isTrue(dialect.match(use(node.args[0]), node.where, dialect.text(node.text)));
      case 'recase':
        return dialect.recase(use(node.args[0]), node.to);
      case 'trim':
        return dialect.noText(dialect.trim(use(node.args[0])), TEXT_MISSING);
      case 'length':
        return dialect.length(use(node.args[0]), MAX_LENGTH);
      case 'substring':
        return dialect.noText(dialect.substring(use(node.args[0]), node.from, node.count), TEXT_MISSING);
      case 'replace':
        return dialect.noText(dialect.replace(use(node.args[0]), { find: node.find, by: node.by, most: MAX_REPLACED }), TEXT_MISSING);
      case 'elem':
        return element(node);
      case 'bucket': {
        const x = use(node.args[0]);
        const cases = node.edges.map((edge, i) => `WHEN ${x} < ${dialect.double(edge)} THEN ${dialect.double(i)}`);
        return `(CASE WHEN ${x} IS NULL THEN ${dialect.double(Number.NaN)} ${cases.join(' ')} ELSE ${dialect.double(node.edges.length)} END)`;
      }
      case 'forest': {
        const xs = node.args.map(use);
        return node.trees.map((tree) => cases(tree, xs, 0)).reduce((sum, tree) => `(${sum} + ${tree})`);
      }
      case 'f32':
        return isSmall(node.args[0]) ? dialect.smallF32(use(node.args[0])) : dialect.f32(use(node.args[0]));
      case 'lookup':
      case 'dot':
      case 'pick':
        return '';
    }
  };
  /** A comparison with NULL is not true: it goes to the other side. */
  const cases = (tree: Tree, xs: readonly string[], place: number): string => {
    const [at = -1, value = 0, yes = 0, no = 0] = [tree.feature[place], tree.threshold[place], tree.yes[place], tree.no[place]];
    return at < 0 ? dialect.double(value) : `CASE WHEN ${xs[at] ?? ''} < ${dialect.double(value)} THEN ${cases(tree, xs, yes)} ELSE ${cases(tree, xs, no)} END`;
  };
  const infix = (op: keyof typeof SYMBOL, [a, b]: readonly [Expr, Expr]) => `(${use(a)} ${SYMBOL[op]} ${use(b)})`;
  const element = (node: F64 & { readonly op: 'elem' }): string => {
    const { args: [vec], index } = node;
    const number = (values: readonly number[]) => dialect.double(values[index] ?? 0);
    if (vec.op === 'lookup') {
      const { keys, rows, unseen, missing } = vec.table;
      const x = use(vec.args[0]);
      if (isJoined(node)) return `(CASE WHEN j${vec.id}."k" IS NOT NULL THEN j${vec.id}."v${index}" WHEN ${x} IS NULL THEN ${number(missing)} ELSE ${number(unseen)} END)`;
      const otherwise = number(unseen);
      // What is as all the rest is need not be said: of a one-hot column one key is left.
      const cases = [{ when: `${x} IS NULL`, then: number(missing) }, ...keys.map((key, i) => ({ when: `${x} = ${dialect.text(key)}`, then: number(rows[i] ?? []) }))].filter(({ then }) => then !== otherwise);
      return cases.length === 0 ? otherwise : `(CASE ${cases.map(({ when, then }) => `WHEN ${when} THEN ${then}`).join(' ')} ELSE ${otherwise} END)`;
    }
    if (vec.op === 'pick') return dialect.pick(use(vec.args[0]), vec.rows.map((row) => row[index] ?? 0));
    if (vec.op !== 'dot') return '';
    const products = vec.args.map((x, i) => dialect.noNan(`(${use(x)} * ${number(vec.weights[i] ?? [])})`));
    return dialect.noNan(products.reduce((sum, product) => `(${sum} + ${product})`));
  };
  return { use, define };
}

const isFinite = (node: Expr) => node.op === 'lit' && typeof node.value === 'number' && Number.isFinite(node.value);
const isFiniteNonZero = (node: Expr) => isFinite(node) && node.op === 'lit' && node.value !== 0;
