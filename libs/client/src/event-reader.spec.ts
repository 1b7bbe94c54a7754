import { expect, it } from 'vitest';
import { readEvents } from './event-reader.js';

/** The events of a text whose bytes come so many at a time. */
async function read(text: string, atATime: number) {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += atATime) controller.enqueue(bytes.slice(at, at + atATime));
      controller.close();
    },
  });
  let heard = 0;
  const events = [];
  for await (const event of readEvents(body, () => heard++)) events.push(event);
  return { events, heard: heard === Math.ceil(bytes.length / atATime) };
}

const event = (id: string, data: string, more: object = {}) => ({ type: '', id, data, retry: undefined, ...more });

it.each([1, 2, 3, 1_000])('reads lines of any ending and letters of several bytes, %i at a time', async (atATime) => {
  const text = 'id: a\r\ndata: {"name":\r\ndata: "ä€𝄞"}\r\n\r\nid: b\rdata:x\r\r:\n\nid\ndata: y\n\nevent: end\nretry: 5\ndata\n\nid: c\ndata: cut';
  expect(await read(text, atATime)).toEqual({ events: [event('a', '{"name":\n"ä€𝄞"}'), event('b', 'x'), event('', 'y'), event('', '', { type: 'end', retry: 5 })], heard: true });
});

it('passes by what it does not know, and an id that is none', async () => {
  expect(await read('colour: red\nid: a\ndata: x\n\nid: b\0\nretry: soon\ndata:  y\n\n', 7)).toEqual({ events: [event('a', 'x'), event('a', ' y')], heard: true });
});
