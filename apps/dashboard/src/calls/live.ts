import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { useEffect } from 'react';
import { answers } from '../client/answers.js';
import { pipelineCalls } from './pipelines.js';
import { whileShown } from './stream.js';

/** Hears of alerts as they are raised or changed, and asks again for what is on the screen; gives what ends that. */
export function followAlerts(): () => void {
  return whileShown(() => {
    const source = new EventSource('/v1/alerts:watch');
    source.addEventListener('message', () => answers.refresh());
    return source;
  });
}

/** Follows a run as it goes, until it is final. */
export function useRunEvents(name: string, going: boolean): void {
  useEffect(() => {
    if (!going) return undefined;
    return whileShown(() => {
      const source = new EventSource(`/v1/${name}:watch`);
      source.addEventListener('message', ({ data }: MessageEvent<string>) => answers.put(pipelineCalls.pipelineRun(name), PipelineRun.fromJSON(JSON.parse(data))));
      // A run that is final ends its stream, and a browser that came back would only hear so again.
      source.addEventListener('end', () => source.close());
      return source;
    });
  }, [name, going]);
}
