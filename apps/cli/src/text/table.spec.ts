import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured } from './paint.js';
import { renderTable, type TableColumn } from './table.js';
import { cut, oneLine, pieces, widthOf } from './width.js';

const COLUMNS: readonly TableColumn[] = [{ title: 'ALERT' }, { title: 'ROWS', align: 'right' }, { title: 'NOTE', shrink: true }, { title: 'WINDOW TO (UTC)' }, { title: 'MESSAGE' }];
const ROWS = [
  ['01a21b78', '5,065', 'short', '2001-07-02 00:00', 'PSI beyond 0.25: destination_mean_delay_168h 1.957, origin_mean_delay_168h 1.377 and 4 more'],
  ['01a2', '7', '', '', 'back within limits'],
] as const;

describe('a table', () => {
  it('stands in one line a row where nothing bounds it', () => {
    expect(renderTable(COLUMNS, ROWS)).toBe(
      [
        'ALERT      ROWS  NOTE   WINDOW TO (UTC)   MESSAGE',
        '01a21b78  5,065  short  2001-07-02 00:00  PSI beyond 0.25: destination_mean_delay_168h 1.957, origin_mean_delay_168h 1.377 and 4 more',
        '01a2          7                           back within limits',
        '',
      ].join('\n'),
    );
  });

  it('tells below its row what a narrow terminal cannot hold, whole and after its title', () => {
    expect(renderTable(COLUMNS, ROWS, { width: 60 })).toBe(
      [
        'ALERT      ROWS  NOTE   WINDOW TO (UTC)',
        '01a21b78  5,065  short  2001-07-02 00:00',
        '    message PSI beyond 0.25: destination_mean_delay_168h',
        '    1.957, origin_mean_delay_168h 1.377 and 4 more',
        '01a2          7',
        '    message back within limits',
        '',
      ].join('\n'),
    );
    expect(renderTable(COLUMNS, ROWS.slice(0, 1), { width: 24 })).toBe(['ALERT      ROWS  NOTE', '01a21b78  5,065  short', '    window to (UTC)', '    2001-07-02 00:00', '    message PSI beyond', '    0.25:', '    destination_mean_del', '    ay_168h 1.957,', '    origin_mean_delay_16', '    8h 1.377 and 4 more', ''].join('\n'));
  });

  it('cuts a text that may be cut as long as enough of it is seen, and tells it below when not', () => {
    const columns: readonly TableColumn[] = [{ title: 'NAME' }, { title: 'TEXT', shrink: true }];
    const rows = [['abcdef', 'one two three four five six seven eight']] as const;
    expect(renderTable(columns, rows, { width: 40 })).toBe('NAME    TEXT\nabcdef  one two three four five six sev…\n');
    expect(renderTable(columns, rows, { width: 30 })).toBe('NAME\nabcdef\n    text one two three four\n    five six seven eight\n');
  });

  it('indents every line, and paints words without counting the paint', () => {
    const text = renderTable([{ title: 'A' }, { title: 'B' }], [[{ text: 'bad', style: 'bad' }, 'x'.repeat(30)]], { width: 20, indent: '> ', paint: coloured });
    expect(text.replaceAll(/\u001b\[\d+m/g, '')).toBe(`> A\n> bad\n>     b\n>     ${'x'.repeat(14)}\n>     ${'x'.repeat(14)}\n>     xx\n`);
    expect(text).toContain('\u001b[31mbad\u001b[39m');
  });

  it('is never wider than the terminal, and loses no word that may not be cut', () => {
    const word = fc.stringMatching(/^[a-zé日🎉]{1,30}$/u);
    const sentence = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, sentence, sentence), { maxLength: 5 }), fc.integer({ min: 40, max: 120 }), (rows, width) => {
        const text = renderTable([{ title: 'ID' }, { title: 'FIRST', align: 'right' }, { title: 'SECOND' }], rows, { width });
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, ...rows.map(([id]) => widthOf(id))));
        const told = text.replaceAll(/\s/g, '');
        for (const row of rows) for (const cell of row) for (const part of cell.split(' ')) expect(told).toContain(part);
      }),
    );
  });
});

describe('the width of a text', () => {
  it.each([['abc', 3], ['日本', 4], ['é', 1], ['e\u0301', 1], ['🎉', 2], ['👩‍👩‍👧', 2], ['ﬀ', 1], ['（x）', 5], ['▁▂▃', 3], ['', 0]])('of %s is %i cells', (text, cells) => expect(widthOf(text)).toBe(cells));

  it('is what a cut keeps to, without breaking a sign in two', () => {
    expect(cut('日本語', 5)).toBe('日本…');
    expect(cut('日本語', 4)).toBe('日…');
    expect(cut('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…');
    expect(cut('abc', 0)).toBe('');
    expect(pieces('日本語', 4)).toEqual(['日本', '語']);
  });

  it('cannot be moved by what comes from elsewhere', () => {
    expect(oneLine('a\u001b[2Jb\nc\u202ed')).toBe('a [2Jb c d');
  });
});
