import { dirname, resolve } from 'node:path';
import { ApplyPipelineResponse, PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { shortName, shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { oneLine } from '../text/width.js';
import { type Difference, fileDifferences } from './file-differences.js';
import { readText } from './read-text.js';

/** What `millrace apply` may be told. */
export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** A dry run that shows each place that differs. */
  readonly plan?: boolean;
  readonly basePath?: string;
}

/** Makes a version of a pipeline file and says what changed. */
export async function apply(session: Session, file: string, { plan = false, dryRun = plan, basePath }: ApplyOptions): Promise<void> {
  const { terminal, call } = session;
  const source = await readText(file, terminal);
  const folder = resolve(terminal.cwd, basePath ?? (file === '-' ? '.' : dirname(file)));
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const response = await session.slowly(`applying ${file}`, pipelines.applyPipeline({ source, dryRun, basePath: folder }, call));
  const differences = plan && response.changed ? await differencesFrom(session, response, source) : [];
  session.answer(() => ({ ...(ApplyPipelineResponse.toJSON(response) as object), ...(plan ? { differences } : {}) }), () => tell(session, response, { dryRun, differences }));
}

/** What differs from the version that is the latest now; nothing where there is none yet. */
async function differencesFrom(session: Session, { pipelineVersion }: ApplyPipelineResponse, source: string): Promise<readonly Difference[]> {
  const [pipeline = '', version = ''] = (pipelineVersion?.name ?? '').split('/versions/');
  if (version === '1') return [];
  const pipelines = await session.connect(PipelinesServiceDefinition);
  const latest = await pipelines.getPipelineVersion({ name: `${pipeline}/versions/latest` }, session.call);
  return fileDifferences(latest.source, source);
}

/** One place in at most three lines, as differences are written. */
function differenceLines(session: Session, { path, was, is }: Difference): readonly string[] {
  return [`  ${session.styled('bold', path)}`, ...(was === undefined ? [] : [session.styled('bad', `    - ${oneLine(was)}`)]), ...(is === undefined ? [] : [session.styled('good', `    + ${oneLine(is)}`)])];
}

function tell(session: Session, { pipelineVersion, changed, changes }: ApplyPipelineResponse, { dryRun, differences }: { readonly dryRun: boolean; readonly differences: readonly Difference[] }): string {
  const name = pipelineVersion?.name ?? '';
  const pipeline = shortName(name).split('/')[0] ?? '';
  const steps = (pipelineVersion?.steps ?? []).map(({ id }) => id).join(' → ');
  const head = changed
    ? session.styled('good', dryRun ? `Pipeline ${pipeline} would change:` : `Pipeline ${shortVersion(name)} is applied.`)
    : `Pipeline ${pipeline} means what ${dryRun || name === '' ? 'it meant' : `version ${name.split('/').at(-1)} means`} already; nothing changed.`;
  const lines = [head, ...changes.map((change) => `  ${oneLine(change)}`), ...(differences.length === 0 ? [] : ['', ...differences.flatMap((difference) => differenceLines(session, difference)), '']), ...(steps === '' ? [] : [`  steps: ${steps}`])];
  const next = dryRun ? (changed ? 'Next: the same without --plan or --dry-run.' : '') : `Next: millrace run ${pipeline}`;
  return `${lines.join('\n')}\n${next === '' ? '' : `${session.styled('dim', next)}\n`}`;
}
