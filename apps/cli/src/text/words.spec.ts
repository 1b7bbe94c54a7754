import { describe, expect, it } from 'vitest';
import { bytes, count, figure, percent, plural, shareOf } from './figures.js';
import { bars, quantileHistogram } from './histogram.js';
import { stateCell, word } from './state-word.js';
import { parseIsoTime, showSeconds, showTime, timeOption } from './times.js';
import { toldText } from './width.js';

it('says a count with the noun that goes with it', () => {
  expect([0, 1, 2, 1_234n].map((value) => plural(value, 'alert'))).toEqual(['0 alerts', '1 alert', '2 alerts', '1,234 alerts']);
  expect(plural(1, 'count does', 'counts do')).toBe('1 count does');
});

it.each([[0, '0'], [0.12345678, '0.1235'], [1_234_567, '1,234,567'], [1_234.5678, '1235'], [0.00001234, '1.234e-5'], [2e15, '2.000e+15'], [Number.NaN, 'NaN'], [undefined, '']])('shows %s as %s', (value, shown) => expect(figure(value)).toBe(shown));

it('says shares and sizes in the unit that a person would choose', () => {
  expect([percent(0.1234), percent(0.0001), percent(0)]).toEqual(['12.3 %', '0.010 %', '0.0 %']);
  expect(shareOf(1n, 0n)).toBe('0.0 %');
  expect([bytes(999), bytes(1_500n), bytes(2.5e12)]).toEqual(['999 B', '1.5 kB', '2.5 TB']);
  expect(count(1_234_567n)).toBe('1,234,567');
});

describe('times', () => {
  it('are told in UTC to the minute, or to the second when they have some', () => {
    expect(showTime(new Date('2001-04-01T06:30:00Z'))).toBe('2001-04-01 06:30');
    expect(showTime(new Date('2001-04-01T06:30:05Z'))).toBe('2001-04-01 06:30:05');
    expect(showTime(undefined)).toBe('');
  });

  it.each([['2001-04-01', '2001-04-01T00:00:00.000Z'], ['2001-04-01 06:30', '2001-04-01T06:30:00.000Z'], ['2001-04-01T06:30+02:00', '2001-04-01T04:30:00.000Z'], ['2001-04-01T06:30:05.25Z', '2001-04-01T06:30:05.250Z']])('read %s', (text, time) => expect(parseIsoTime(text)?.toISOString()).toBe(time));

  it.each(['2001-02-30', '01.04.2001', 'yesterday', '2001-04-01T25:00Z', '2001-13-01', ''])('refuse "%s"', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
    expect(() => timeOption(text, '--until')).toThrow(`"${text}" is no time for --until; write it in ISO 8601`);
  });

  it.each([[0.04, '0.0 s'], [99.94, '99.9 s'], [100, '1 min 40 s'], [119.7, '2 min 00 s'], [3_600, '60 min 00 s']])('say %d seconds as %s', (seconds, text) => expect(showSeconds(seconds)).toBe(text));
});

it('draws a histogram of what lies between the quantiles', () => {
  expect(quantileHistogram([0, 0, 25, 50, 75, 100, 100])).toMatch(/^[▁-█]{16}$/);
  expect(quantileHistogram([1, 1, 1, 1, 1, 1, 1]).trim()).toBe('█');
  expect(quantileHistogram([1, 2])).toBe('');
  expect(bars([0, 1, 1_000])).toBe(' ▁█');
});

it('says an enum value in the word that a person reads, in the colour of its meaning', () => {
  expect(word('JOB_STATE_SUCCEEDED')).toBe('SUCCEEDED');
  expect(stateCell('STATE_OPEN')).toEqual({ text: 'OPEN', style: 'bad' });
  expect(stateCell('KIND_QUALITY')).toBe('QUALITY');
});

it('says texts of the data so that none looks like another', () => {
  expect(['WEB', 'WEB ', ' SHOP', 'New York', '', ' '].map(toldText)).toEqual(['WEB', '"WEB "', '" SHOP"', 'New York', '""', '" "']);
});
