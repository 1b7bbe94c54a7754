import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askPerson } from './ask-person.js';

/** A keyboard and what stands on the screen, without what moves the cursor. */
function keyboard() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let screen = '';
  output.setEncoding('utf8').on('data', (text: string) => void (screen += text));
  const controller = new AbortController();
  const ask = (question: string, keys: string): Promise<string> => {
    const answer = askPerson(question, { input, output, controller });
    input.write(keys);
    return answer;
  };
  return { ask, controller, shown: () => screen.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r\n', '\n') };
}

describe('a person at a terminal', () => {
  it('answers one question after another, and sees each letter once', async () => {
    const { ask, shown } = keyboard();
    for (const [question, typed] of [['First?', 'one'], ['Second?', 'two'], ['Third?', 'three']] as const) expect(await ask(`${question} `, `${typed}\r`)).toBe(typed);
    expect(shown()).toBe('First? one\nSecond? two\nThird? three\n');
  });

  it.each([['Ctrl-C', '\u0003'], ['Ctrl-D', '\u0004']])('stops by %s', async (_, key) => {
    const { ask, controller } = keyboard();
    await expect(ask('Why? ', key)).rejects.toThrow();
    expect(controller.signal.aborted).toBe(true);
  });
});
