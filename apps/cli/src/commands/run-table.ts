import { type PipelineRun, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { lastPart, shortName, shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { stateCell, word } from '../text/state-word.js';
import { secondsBetween, showSeconds, showTime } from '../text/times.js';
import { oneLine, safeLines } from '../text/width.js';

/** A run with its steps and what came of it, for people. */
export function runText(session: Session, run: PipelineRun): string {
  const { cause, status, steps, outcome } = run;
  const about = cause?.eventTime ? `, about the data until ${showTime(cause.eventTime)}` : '';
  const by = cause?.resource ? ` by ${cause.resource}` : '';
  return [
    `Run ${session.styled('bold', lastPart(run.name))} of ${shortVersion(run.pipelineVersion)}: ${word(cause?.kind ?? '').toLowerCase().replace('_', ' ')}${by}${about}\n\n`,
    session.table(
      [{ title: 'STEP' }, { title: 'STATE' }, { title: 'TIME', align: 'right' }, { title: 'MADE' }],
      steps.map(({ id, state, startTime, endTime, outputs, error }) => [
        id,
        stateCell(state),
        state === StepRun_State.CACHED || state === StepRun_State.SKIPPED ? '' : showSeconds(secondsBetween(startTime, endTime, new Date())),
        error ? { text: error.message.split('\n')[0] ?? '', style: 'bad' } : madeBy(outputs),
      ]),
    ),
    '\n',
    verdict(session, run, { failure: status?.error?.message ?? '', why: outcome?.why ?? '' }),
  ].join('');
}

/** What became of a run in one or two sentences. */
function verdict(session: Session, { status, outcome, name }: PipelineRun, { failure, why }: { readonly failure: string; readonly why: string }): string {
  const seconds = showSeconds(secondsBetween(status?.startTime, status?.endTime, new Date()));
  const decision = word(outcome?.decision ?? '');
  switch (status?.state) {
    case JobState.FAILED:
      return `${session.styled('bad', 'FAILED')} after ${seconds}: ${safeLines(failure)}\n`;
    case JobState.CANCELLED:
      return `${session.styled('warn', 'CANCELLED')} after ${seconds}.\n`;
    case JobState.SUCCEEDED:
      if (decision === 'PROMOTED') return `${session.styled('good', 'PROMOTED')} ${shortVersion(outcome?.modelVersion ?? '')} after ${seconds}: ${oneLine(why)}\n`;
      if (decision === 'REFUSED') return `${session.styled('warn', 'REFUSED')} after ${seconds}: the run did its work, and the challenger${outcome?.modelVersion ? ` ${shortVersion(outcome.modelVersion)}` : ''} was not released. ${oneLine(why)}\n`;
      return `${session.styled('good', 'SUCCEEDED')} after ${seconds}${why === '' ? '.' : `: ${oneLine(why)}`}\n`;
    default:
      return `It goes on; \`millrace run watch ${shortName(name)}\` shows it to its end.\n`;
  }
}

const NOT_FOR_PEOPLE = /digest|sha256|event_time|data_end/;

const madeBy = (outputs: Readonly<Record<string, string>>): string =>
  Object.entries(outputs)
    .filter(([role, value]) => value !== '' && value.length < 80 && !NOT_FOR_PEOPLE.test(role) && !value.startsWith('sha256:'))
    .map(([role, value]) => (value.includes('/') && role !== 'champion' ? value : `${role.replaceAll('_', ' ')} ${value}`))
    .join(', ');
