import type { LogLine } from './job.js';

/** Of a line at most so much is told. */
const LINE_CHARACTERS = 4_096;
const NEWLINE = 0x0a;
/** Colours and movements of a terminal, and what else is no text. */
const UNPRINTABLE = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]/g;

/** How a part of a log becomes lines. */
export interface LinesOptions {
  /** Where the part begins in its log, in bytes. */
  readonly position: number;
  /** How many bytes before it are left out. */
  readonly left: number;
  readonly redact: (text: string) => string;
  /** When a line was said that does not say so itself. */
  readonly now: Date;
}

/** The lines of a part that are not empty. A line that `job.log` wrote is its message with its fields; any other is as it was printed, without what only a terminal understands. */
export function linesOf(part: Uint8Array, { position, left, redact, now }: LinesOptions): readonly LogLine[] {
  const lines: LogLine[] = left > 0 ? [{ position, time: now, text: `… ${left} bytes are left out` }] : [];
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const to = newline < 0 ? bytes.length : newline + 1;
    const { time = now, text } = saidIn(bytes.toString('utf8', from, newline < 0 ? to : newline));
    const told = cut(redact(text));
    if (told.trim() !== '') lines.push({ position: position + to, time, text: told });
    from = to;
  }
  return lines;
}

function saidIn(line: string): { readonly time?: Date; readonly text: string } {
  const said = line.startsWith('{') ? structured(line) : undefined;
  if (!said) return { text: clean(line) };
  const { time, message, job: _job, trace_id: _trace, ...fields } = said;
  return { time: new Date(time), text: clean([message, ...Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)].join(' ')) };
}

/** What `job.log` writes; undefined for all else that begins like it. */
function structured(line: string): (Readonly<Record<string, unknown>> & { readonly time: string; readonly message: string }) | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { time, message } = value as Readonly<Record<string, unknown>>;
    return typeof message === 'string' && typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? (value as ReturnType<typeof structured>) : undefined;
  } catch {
    return undefined;
  }
}

/** A bar that was drawn again and again is what it was last. */
const clean = (line: string): string => (line.replace(/\r+$/, '').split('\r').at(-1) ?? '').replace(UNPRINTABLE, '');

const cut = (text: string): string => (text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)}…` : text);
