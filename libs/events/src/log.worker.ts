import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Moved, serveThread } from '@millrace/store';
import { LogFile } from './log-file.js';
import type { AppendReply, AppendRequest, LogTopic, TrimReply, TrimRequest } from './log-message.js';
import { trim } from './log-trim.js';

const files = new Map<number, LogFile>();
let next = 0;

serveThread({
  open({ path, partitions }: { readonly path: string; readonly partitions: number }): number {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    files.set(++next, new LogFile(path, partitions));
    return next;
  },
  close({ file }: { readonly file: number }): void {
    fileOf(file).close();
    files.delete(file);
  },
  append: (request: AppendRequest): AppendReply => fileOf(request.file).append(request, Date.now()),
  topic: ({ file, name, partitions }: { readonly file: number; readonly name: string; readonly partitions?: number }): LogTopic => fileOf(file).topic(name, partitions),
  find: ({ file, name }: { readonly file: number; readonly name: string }): LogTopic | undefined => fileOf(file).find(name),
  topics: ({ file }: { readonly file: number }): readonly (LogTopic & { readonly groups: readonly { readonly group: string; readonly lag: number }[] })[] => {
    const log = fileOf(file);
    return log.topics().map((topic) => ({ ...topic, groups: lagsOf(log, topic) }));
  },
  offsets: ({ file, group, topic, from }: { readonly file: number; readonly group: string; readonly topic: string; readonly from: 'earliest' | 'latest' }): readonly number[] =>
    fileOf(file).offsets(group, topic, from),
  seek: ({ file, partition, time }: { readonly file: number; readonly partition: number; readonly time: number }): number => fileOf(file).seek(partition, time),
  read({ file, partition, from, maxRows, maxBytes }: { readonly file: number; readonly partition: number; readonly from: number; readonly maxRows: number; readonly maxBytes: number }): Moved {
    const reply = fileOf(file).read(partition, from, maxRows, maxBytes);
    return new Moved(reply, [reply.records.values.buffer]);
  },
  trim: (request: TrimRequest): TrimReply => trim(fileOf(request.file), request),
});

function lagsOf(log: LogFile, topic: LogTopic): readonly { readonly group: string; readonly lag: number }[] {
  const lags = new Map<string, number>();
  for (const { id, start, end } of topic.partitions) {
    for (const { group, offset } of log.groups(id)) lags.set(group, (lags.get(group) ?? 0) + end - Math.max(offset, start));
  }
  return [...lags].map(([group, lag]) => ({ group, lag }));
}

function fileOf(file: number): LogFile {
  const log = files.get(file);
  if (!log) throw new Error('The log is closed.');
  return log;
}
