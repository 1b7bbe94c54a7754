/** Where text goes. */
export interface Sink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Cells of a line; only read on a TTY. */
  readonly columns: number;
}

/** All that a command sees of the process that it runs in. */
export interface Terminal {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts when the person wants to stop. */
  readonly interrupted: AbortSignal;
  readStdin(): Promise<string>;
  /** Asks the person at the terminal and gives the answer; undefined where nobody sits. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

const DEFAULT_COLUMNS = 80;

/** The terminal of this process; a first Ctrl-C asks the command to end, a second ends it. */
export function processTerminal(): Terminal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return { out: sinkOf(process.stdout), err: sinkOf(process.stderr), env: process.env, cwd: process.cwd(), interrupted: controller.signal, readStdin, ask: process.stdin.isTTY && process.stderr.isTTY ? async (question) => (await import('./calls/ask-person.js')).askPerson(question, { input: process.stdin, output: process.stderr, controller }) : undefined };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // Who stops reading, such as `head`, is no fault.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    write: (text) => void stream.write(text),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns || DEFAULT_COLUMNS;
    },
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
