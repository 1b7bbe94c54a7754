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
  return { out: sinkOf(process.stdout), err: sinkOf(process.stderr), env: process.env, cwd: process.cwd(), interrupted: controller.signal, readStdin, ask: process.stdin.isTTY && process.stderr.isTTY ? (question) => askPerson(question, controller) : undefined };
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
      return stream.columns ?? DEFAULT_COLUMNS;
    },
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** One question on standard error, so that standard output holds the answer of the command alone. */
async function askPerson(question: string, controller: AbortController): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // While it reads, Ctrl-C comes to it and not to the process; Ctrl-D says as much.
  lines.once('SIGINT', () => controller.abort());
  lines.once('close', () => controller.abort());
  try {
    return await lines.question(question, { signal: controller.signal });
  } finally {
    lines.removeAllListeners('close');
    lines.close();
  }
}
