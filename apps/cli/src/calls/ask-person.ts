import { createInterface } from 'node:readline/promises';

/** Where a question is put, and the answer typed. */
export interface AskOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Aborted when the person wants to stop: by Ctrl-C or by Ctrl-D. */
  readonly controller: AbortController;
}

/** Puts one question and gives the line that is typed; throws when the person wants to stop. */
export async function askPerson(question: string, { input, output, controller }: AskOptions): Promise<string> {
  const lines = createInterface({ input, output, terminal: true });
  const giveUp = (): void => controller.abort();
  // While it reads, Ctrl-C comes to it and not to the process; Ctrl-D closes it.
  lines.once('SIGINT', giveUp);
  lines.once('close', giveUp);
  try {
    return await lines.question(question, { signal: controller.signal });
  } finally {
    lines.off('close', giveUp);
    lines.close();
  }
}
