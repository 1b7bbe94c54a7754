import { runProgram } from './program.js';
import type { Terminal } from './terminal.js';

/** What a spec says of its terminal; with columns it is one of a person. */
export interface FakeTerminalOptions {
  readonly columns?: number;
  readonly env?: Terminal['env'];
  readonly stdin?: string;
  readonly interrupted?: AbortSignal;
  readonly cwd?: string;
  /** What a person says, question by question; absent where nobody sits. */
  readonly answers?: readonly string[];
}

/** A terminal that keeps what was written. */
export function fakeTerminal({ columns, env = {}, stdin = '', interrupted = new AbortController().signal, cwd = '/', answers }: FakeTerminalOptions) {
  const written = { out: '', err: '' };
  const left = [...(answers ?? [])];
  const ask = async (question: string): Promise<string> => {
    written.err += `${question}\n`;
    const answer = left.shift();
    if (answer === undefined) throw new Error(`Nobody answers "${question}".`);
    return answer;
  };
  const sink = (to: 'out' | 'err') => ({ write: (text: string) => void (written[to] += text), isTTY: columns !== undefined, columns: columns ?? 80 });
  const terminal: Terminal = { out: sink('out'), err: sink('err'), env: { NO_COLOR: '1', ...env }, cwd, interrupted, readStdin: async () => stdin, ask: answers && ask };
  return { terminal, written };
}

/** Runs one command line. */
export async function run(line: string | readonly string[], options: FakeTerminalOptions = {}) {
  const { terminal, written } = fakeTerminal(options);
  const code = await runProgram(typeof line === 'string' ? line.split(' ').filter((part) => part !== '') : line, terminal);
  return { code, ...written };
}
