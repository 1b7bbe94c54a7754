import type { Sink, Terminal } from '../terminal.js';

/** What a piece of text means to a person. */
export type Style = 'good' | 'bad' | 'warn' | 'dim' | 'bold';

/** Puts a style on text, or nothing where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

const CODES: Record<Style, readonly [number, number]> = { good: [32, 39], bad: [31, 39], warn: [33, 39], dim: [2, 22], bold: [1, 22] };

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m`;

/** Colours only on a TTY, and not with NO_COLOR or a terminal that is dumb. */
export const paintFor = (sink: Sink, env: Terminal['env']): Paint => (sink.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? coloured : plain);
