import { EndpointTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import { useEffect, useState } from 'react';
import { whileShown } from './stream.js';

/** What is heard of an endpoint: its windows by their begin, and whether the stream stands. */
export interface Heard {
  readonly windows: ReadonlyMap<number, EndpointTraffic>;
  readonly state: 'opening' | 'live' | 'lost';
}

/** Windows come in crowds at first: they are drawn together. */
const GATHER_MS = 100;
const NOTHING: Heard = { windows: new Map(), state: 'opening' };

/** Hears what is asked of an endpoint from a time on, window by window, for as long as somebody looks; a stream that broke is taken up again where it was. */
export function useTraffic(endpoint: string, sinceMs: number): Heard {
  const [heard, hear] = useState(NOTHING);
  useEffect(() => {
    const windows = new Map<number, EndpointTraffic>();
    let state: Heard['state'] = 'opening';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        hear({ windows: new Map(windows), state });
      }, GATHER_MS);
    };
    const become = (next: Heard['state']): void => {
      state = next;
      tell();
    };
    const end = whileShown(() => {
      const source = new EventSource(`/v1/${endpoint}/traffic:watch?changedSince=${encodeURIComponent(new Date(sinceMs).toISOString())}`);
      source.addEventListener('open', () => become('live'));
      source.addEventListener('error', () => become('lost'));
      source.addEventListener('failure', () => become('lost'));
      source.addEventListener('message', ({ data }: MessageEvent<string>) => {
        const window = EndpointTraffic.fromJSON(JSON.parse(data));
        windows.set(window.startTime?.getTime() ?? 0, window);
        tell();
      });
      return source;
    });
    return () => {
      end();
      clearTimeout(timer);
      hear(NOTHING);
    };
  }, [endpoint, sinceMs]);
  return heard;
}
