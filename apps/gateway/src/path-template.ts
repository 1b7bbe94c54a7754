/** One variable of a path: the field that it fills, and the segments that it spans. */
export interface PathVariable {
  /** Names of the contract, such as ['entity', 'name']. */
  readonly field: readonly string[];
  /** A literal, * or **. */
  readonly segments: readonly string[];
}

/** The path of an HTTP annotation, taken apart; its syntax is that of google/api/http.proto. */
export interface PathTemplate {
  readonly parts: readonly (string | PathVariable)[];
  /** What follows a colon at the end; empty where nothing does. */
  readonly verb: string;
}

/** Reads a template such as `/v1/{name=models/*}:verb`; throws SyntaxError with what is wrong. */
export function parseTemplate(text: string): PathTemplate {
  const [, path = '', verb = ''] = /^((?:\/(?:\{[^{}]*\}|[^{}/:]+))+)(?::([A-Za-z]\w*))?$/.exec(text) ?? [];
  if (path === '') throw new SyntaxError(`"${text}" is no path template`);
  const parts = Array.from(path.matchAll(/\/(?:\{([^{}]*)\}|([^{}/]+))/g), ([, variable, literal = '']) => (variable === undefined ? literal : parseVariable(variable)));
  const spans = parts.flatMap((part) => (typeof part === 'string' ? [part] : part.segments));
  if (spans.slice(0, -1).includes('**') || (spans.at(-1) === '**' && verb !== '')) throw new SyntaxError(`"${text}" has a ** that is not at its end`);
  if (parts.some((part) => part === '*' || part === '**')) throw new SyntaxError(`"${text}" has a wildcard that fills no field`);
  return { parts, verb };
}

/** The template as a route of Fastify: the n-th wildcard is the parameter p<n>, and a ** the parameter *. */
export function routeOf({ parts, verb }: PathTemplate): string {
  let count = 0;
  const segment = (text: string): string => (text === '*' ? `:p${count++}([^/]+)` : text === '**' ? '*' : text.replaceAll(':', '::'));
  const path = parts.map((part) => (typeof part === 'string' ? segment(part) : part.segments.map(segment).join('/'))).join('/');
  return `/${path}${verb === '' ? '' : `::${verb}`}`;
}

/** What every path of the template looks like. */
export function patternOf({ parts, verb }: PathTemplate): RegExp {
  const segment = (text: string): string => (text === '*' ? '[^/]+' : text === '**' ? '.*' : text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const path = parts.flatMap((part) => (typeof part === 'string' ? [part] : part.segments)).map(segment).join('/');
  return new RegExp(`^/${path}${verb === '' ? '' : `:${verb}`}$`);
}

/** Gives the text of each variable, in order, from the parameters of a request to that route. */
export function variablesReader({ parts }: PathTemplate): (params: Readonly<Record<string, string>>) => readonly string[] {
  let count = 0;
  const readers = parts
    .filter((part) => typeof part !== 'string')
    .map(({ segments }) => segments.map((segment) => (segment === '*' ? { param: `p${count++}` } : segment === '**' ? { param: '*' } : segment)));
  return (params) =>
    readers.map((segments) => {
      let text = '';
      for (const segment of segments) text += `${text === '' ? '' : '/'}${typeof segment === 'string' ? segment : (params[segment.param] ?? '')}`;
      return text;
    });
}

/** The template as OpenAPI writes it: each wildcard a parameter of its own, named by `nameOf` with what stands before it. */
export function pathOf({ parts, verb }: PathTemplate, nameOf: (before: string, variable: PathVariable) => string): string {
  let before = '';
  const segment = (text: string, variable?: PathVariable): string => {
    const shown = variable && text.startsWith('*') ? `{${nameOf(before, variable)}}` : text;
    before = text;
    return shown;
  };
  const path = parts.map((part) => (typeof part === 'string' ? segment(part) : part.segments.map((text) => segment(text, part)).join('/'))).join('/');
  return `/${path}${verb === '' ? '' : `:${verb}`}`;
}

function parseVariable(text: string): PathVariable {
  const [, path = '', span = '*'] = /^([a-z]\w*(?:\.[a-z]\w*)*)(?:=(.+))?$/.exec(text) ?? [];
  if (path === '') throw new SyntaxError(`"{${text}}" names no field`);
  return { field: path.split('.'), segments: span.split('/') };
}
