/** One server-sent event. */
export interface ServerEvent {
  readonly type: string;
  /** Of this event, or of the last that had one. */
  readonly id: string;
  readonly data: string;
  /** Milliseconds after which to come back, when it said so. */
  readonly retry: number | undefined;
}

/** Reads events from a body as the HTML standard says (9.2.6). `heard` is called for all that comes, comments too; an event that was not finished is dropped. */
export async function* readEvents(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<ServerEvent> {
  let [type, id, retry] = ['', '', undefined as number | undefined];
  let data: string[] = [];
  for await (const line of readLines(body, heard)) {
    if (line === '') {
      if (data.length > 0 || retry !== undefined) yield { type, id, data: data.join('\n'), retry };
      [type, data, retry] = ['', [], undefined];
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }
}

/** Lines end with CR, LF or both; what follows the last end is no line yet. */
async function* readLines(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      heard();
      const lines = (rest + decoder.decode(step.value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    // Of a body that broke there is nothing to end, and why it broke is told already.
    reader.cancel().catch(() => undefined);
  }
}
