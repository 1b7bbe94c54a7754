import { dirname, resolve } from 'node:path';
import { ApplyPipelineResponse, PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { shortName, shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { oneLine } from '../text/width.js';
import { readText } from './read-text.js';

/** What `millrace apply` may be told. */
export interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly basePath?: string;
}

/** Makes a version of a pipeline file and says what changed. */
export async function apply(session: Session, file: string, { dryRun = false, basePath }: ApplyOptions): Promise<void> {
  const { terminal, call } = session;
  const source = await readText(file, terminal);
  const folder = resolve(terminal.cwd, basePath ?? (file === '-' ? '.' : dirname(file)));
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const response = await session.slowly(`applying ${file}`, pipelines.applyPipeline({ source, dryRun, basePath: folder }, call));
  session.answer(() => ApplyPipelineResponse.toJSON(response), () => tell(session, response, dryRun));
}

function tell(session: Session, { pipelineVersion, changed, changes }: ApplyPipelineResponse, dryRun: boolean): string {
  const name = pipelineVersion?.name ?? '';
  const pipeline = shortName(name).split('/')[0] ?? '';
  const steps = (pipelineVersion?.steps ?? []).map(({ id }) => id).join(' → ');
  const head = changed
    ? session.styled('good', dryRun ? `Pipeline ${pipeline} would change:` : `Pipeline ${shortVersion(name)} is applied.`)
    : `Pipeline ${pipeline} means what ${dryRun || name === '' ? 'it meant' : `version ${name.split('/').at(-1)} means`} already; nothing changed.`;
  const lines = [head, ...changes.map((change) => `  ${oneLine(change)}`), ...(steps === '' ? [] : [`  steps: ${steps}`])];
  const next = dryRun ? (changed ? 'Next: the same without --dry-run.' : '') : `Next: millrace run ${pipeline}`;
  return `${lines.join('\n')}\n${next === '' ? '' : `${session.styled('dim', next)}\n`}`;
}
