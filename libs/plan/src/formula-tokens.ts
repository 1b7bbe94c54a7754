import { errors } from './errors.js';

/** A word, a sign or a literal of a formula; texts and quoted names without their quotes. */
export interface Token {
  readonly kind: 'number' | 'text' | 'quoted' | 'word' | 'sign';
  readonly text: string;
  /** The character at which it begins, from 1. */
  readonly at: number;
}

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['text', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")+"/y],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['sign', /\|\||<=|>=|<>|!=|==|[-+*/%<>=(),]/y],
];
const MAX_TOKENS = 1_000;
const SPACE = /\s*/y;

/** Cuts a formula into its words; FORMULA_INVALID names the character that begins none. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (let at = match(SPACE, 0)?.length ?? 0; at < text.length; at += match(SPACE, at)?.length ?? 0) {
    const begin = at;
    for (const [kind, pattern] of PATTERNS) {
      const found = match(pattern, at);
      if (found === undefined) continue;
      tokens.push({ kind, text: plain(kind, found), at: at + 1 });
      at += found.length;
      break;
    }
    if (at === begin) throw errors.FORMULA_INVALID({ at: String(at + 1), detail: `${JSON.stringify(text.slice(at, at + 10))} begins nothing that is known; texts stand in single quotes, names of columns with other characters in double ones` });
  }
  const more = tokens[MAX_TOKENS];
  if (more) throw errors.FORMULA_INVALID({ at: String(more.at), detail: `more than ${MAX_TOKENS} words; make columns of its parts in steps before` });
  return tokens;
}

function plain(kind: Token['kind'], text: string): string {
  if (kind === 'text') return text.slice(1, -1).replaceAll("''", "'");
  return kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text;
}
