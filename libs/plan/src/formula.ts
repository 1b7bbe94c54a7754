import { errors } from './errors.js';
import { type Token, tokensOf } from './formula-tokens.js';

/** A formula as a tree; operators are calls by their sign. `at` counts characters from 1. */
export type Formula =
  | { readonly kind: 'number'; readonly at: number; readonly value: number }
  | { readonly kind: 'text'; readonly at: number; readonly value: string }
  | { readonly kind: 'null'; readonly at: number }
  | { readonly kind: 'column'; readonly at: number; readonly name: string }
  | { readonly kind: 'call'; readonly at: number; readonly name: string; readonly args: readonly Formula[] };

const MAX_DEPTH = 100;
/** How tightly operators bind; those of one line from left to right. */
const BINDING: Readonly<Record<string, number>> = { or: 1, and: 2, '=': 4, '!=': 4, '<': 4, '<=': 4, '>': 4, '>=': 4, is: 4, in: 4, not: 4, '||': 5, '+': 6, '-': 6, '*': 7, '/': 7, '%': 7 };
const NOT = 3;
const SIGN = 8;
const SAME: Readonly<Record<string, string>> = { '==': '=', '<>': '!=' };

/** Reads a formula (Pratt 1973); FORMULA_INVALID names the character and the mend. Nothing in it is ever run as code. */
export function parseFormula(text: string): Formula {
  const parser = new Parser(tokensOf(text), text.length + 1);
  const formula = parser.expression(0);
  parser.end();
  return formula;
}

/** The columns that a formula reads, each once, in their order. */
export function columnsOfFormula(formula: Formula): readonly string[] {
  const names = formula.kind === 'column' ? [formula.name] : formula.kind === 'call' ? formula.args.flatMap(columnsOfFormula) : [];
  return [...new Set(names)];
}

/** FORMULA_INVALID at a character. */
export const fault = (at: number, detail: string): Error => errors.FORMULA_INVALID({ at: String(at), detail });

class Parser {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[], private readonly last: number) {}

  expression(binding: number): Formula {
    if (++this.depth > MAX_DEPTH) throw fault(this.at, `more than ${MAX_DEPTH} levels; make columns of its parts in steps before`);
    let left = this.prefix();
    for (;;) {
      const operator = this.operator();
      const strength = BINDING[operator ?? ''] ?? 0;
      if (operator === undefined || strength <= binding) break;
      left = this.infix(left, operator, strength);
    }
    this.depth--;
    return left;
  }

  end(): void {
    if (this.token) throw fault(this.at, `"${this.token.text}" is not expected; put an operator before it, or take it out`);
  }

  private prefix(): Formula {
    const token = this.take('a column, a number, a text, a function or "("');
    const { at } = token;
    if (token.kind === 'number') return { kind: 'number', at, value: Number(token.text) };
    if (token.kind === 'text') return { kind: 'text', at, value: token.text };
    if (token.kind === 'quoted') return { kind: 'column', at, name: token.text };
    if (token.kind === 'sign') {
      if (token.text === '(') return this.closed(this.expression(0));
      if (token.text === '-') return { kind: 'call', at, name: 'minus', args: [this.expression(SIGN)] };
      throw fault(at, `"${token.text}" is not expected; write a column, a number, a text, a function or "(" here`);
    }
    return this.word(token);
  }

  private word({ text, at }: Token): Formula {
    const word = text.toLowerCase();
    if (word === 'not') return { kind: 'call', at, name: 'not', args: [this.expression(NOT)] };
    if (word === 'null') return { kind: 'null', at };
    if (word === 'true' || word === 'false') return { kind: 'number', at, value: word === 'true' ? 1 : 0 };
    if (word === 'case') return this.choice(at);
    if (KEYWORDS.has(word)) throw fault(at, `"${text}" is not expected; write a column named so as "${text}" in double quotes`);
    if (this.token?.text !== '(' || this.token.kind !== 'sign') return { kind: 'column', at, name: text };
    this.next++;
    return { kind: 'call', at, name: word, args: this.list() };
  }

  /** case when … then … [when … then …] [else …] end */
  private choice(at: number): Formula {
    const args: Formula[] = [];
    this.expect('when');
    do {
      args.push(this.expression(0));
      this.expect('then');
      args.push(this.expression(0));
    } while (this.skip('when'));
    if (this.skip('else')) args.push(this.expression(0));
    this.expect('end');
    return { kind: 'call', at, name: 'case', args };
  }

  private infix(left: Formula, operator: string, strength: number): Formula {
    const at = this.at;
    this.next++;
    const inverted = (call: Formula, not: boolean): Formula => (not ? { kind: 'call', at, name: 'not', args: [call] } : call);
    if (operator === 'is') {
      const not = this.skip('not');
      this.expect('null');
      return inverted({ kind: 'call', at, name: 'isnull', args: [left] }, not);
    }
    if (operator === 'in' || operator === 'not') {
      if (operator === 'not') this.expect('in');
      this.expect('(');
      return inverted({ kind: 'call', at, name: 'in', args: [left, ...this.list()] }, operator === 'not');
    }
    return { kind: 'call', at, name: operator, args: [left, this.expression(strength)] };
  }

  private list(): readonly Formula[] {
    if (this.skip(')')) return [];
    const args = [this.expression(0)];
    while (this.skip(',')) args.push(this.expression(0));
    this.expect(')');
    return args;
  }

  private closed(formula: Formula): Formula {
    this.expect(')');
    return formula;
  }

  private get token(): Token | undefined {
    return this.tokens[this.next];
  }

  private get at(): number {
    return this.token?.at ?? this.last;
  }

  private operator(): string | undefined {
    const { token } = this;
    if (!token || (token.kind !== 'sign' && token.kind !== 'word')) return undefined;
    const text = token.text.toLowerCase();
    return SAME[text] ?? text;
  }

  private take(wanted: string): Token {
    const { token } = this;
    if (!token) throw fault(this.last, `it ends where ${wanted} is needed; complete it`);
    this.next++;
    return token;
  }

  private skip(text: string): boolean {
    const found = this.operator() === text;
    if (found) this.next++;
    return found;
  }

  private expect(text: string): void {
    if (!this.skip(text)) throw fault(this.at, `"${text}" is needed ${this.token ? `before "${this.token.text}"` : 'at the end'}; add it`);
  }
}

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'is', 'in', 'when', 'then', 'else', 'end']);
