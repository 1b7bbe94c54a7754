import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ENTRY = 'apps/service/dist/main.js';

/** What would not build, or not run safely, of the Dockerfile of the services, in words; `ignored` is the text of .dockerignore. */
export function dockerfileFaults(text, { root, apps, ignored }) {
  const instructions = text.replaceAll(/\\\n/g, ' ').split('\n').filter((line) => /^[A-Z]+ /.test(line));
  const of = (word) => instructions.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1).trim());
  const copies = of('COPY').map((rest) => ({ stage: /--from=(\S+)/.exec(rest)?.[1], sources: rest.replaceAll(/--\S+\s+/g, '').split(/\s+/).slice(0, -1) }));
  const context = copies.filter(({ stage }) => stage === undefined).flatMap(({ sources }) => sources);
  const stages = of('FROM').map((rest) => /\bAS (\S+)/i.exec(rest)?.[1]);
  const images = [...of('ARG').filter((rest) => rest.includes('=')).map((rest) => rest.split('=')[1]), ...of('FROM').map((rest) => rest.split(' ')[0]).filter((image) => !image.startsWith('$'))];
  const afterLastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const user = afterLastStage.filter((line) => line.startsWith('USER ')).at(-1)?.slice('USER '.length);
  const command = afterLastStage.find((line) => line.startsWith('CMD ')) ?? '';
  return [
    ...context.filter((source) => !existsSync(join(root, source))).map((source) => `COPY ${source}: there is no such thing`),
    ...context.filter((source) => !isLetThrough(source, ignored)).map((source) => `COPY ${source}: .dockerignore keeps it away`),
    ...copies.filter(({ stage }) => stage !== undefined && !stages.includes(stage)).map(({ stage }) => `COPY --from=${stage}: there is no such stage`),
    ...images.filter((image) => !/(:\d+\.\d+\.\d+(-[a-z-]+)?|@sha256:[0-9a-f]{64})$/.test(image)).map((image) => `${image} names no exact version`),
    ...(user === undefined || ['root', '0'].includes(user) ? ['it runs as root'] : []),
    ...(of('HEALTHCHECK').some((rest) => rest.includes('/readyz')) ? [] : ['no health check asks for readiness']),
    ...(command.includes(`"${ENTRY}"`) ? [] : [`it does not start ${ENTRY}`]),
    ...(copies.some(({ sources }) => sources.some((source) => source.endsWith('/apps/${APP}'))) ? [] : ['it does not take the app that APP names']),
    ...apps.filter((app) => !existsSync(join(root, 'apps', app, 'src', 'main.ts'))).map((app) => `APP=${app}: there is no apps/${app}/src/main.ts`),
  ];
}

/** The rules that this file needs: everything is kept away but what is named after a `!`. */
function isLetThrough(source, ignored) {
  const open = ignored.split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  return open.some((path) => source === path || source.startsWith(`${path}/`));
}
