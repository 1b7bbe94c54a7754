import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { shortVersion } from '../calls/names.js';
import type { Session } from '../session.js';
import { bytes, figure } from '../text/figures.js';
import { word } from '../text/state-word.js';
import { showMicros, showTime } from '../text/times.js';
import { oneLine } from '../text/width.js';
import { certificateCell } from './model-list.js';

const CATEGORIES_SHOWN = 6;

/** A version for people: metrics, certificate, origin, aliases and inputs. */
export function modelVersionText(session: Session, { name, description, artifact, modelDigest, planDigest, signature, metrics, origin, certificate, tags, createTime, aliases }: ModelVersion): string {
  const proof = certificateCell(certificate);
  const facts: readonly (readonly [string, string])[] = [
    ['about', oneLine(description)],
    ['aliases', aliases.length === 0 ? 'none' : aliases.join(', ')],
    ['certificate', typeof proof === 'string' ? proof : session.styled(proof.style, proof.text)],
    ['model digest', modelDigest],
    ['plan digest', planDigest],
    ['artefact', artifact ? `${bytes(artifact.sizeBytes)}, ${artifact.digest}` : ''],
    ['data', origin?.datasetVersion ?? ''],
    ['training set', origin?.trainingSet ?? ''],
    ['features', origin?.featureService ?? ''],
    ['trained by', origin?.trainingJob ?? ''],
    ['judged by', origin?.evaluation ?? ''],
    ['made in', [origin?.pipelineRun, origin?.run].filter(Boolean).join(', ')],
    ['code', origin?.codeVersion ?? ''],
    ['made', `${showTime(createTime)} UTC`],
    ['tags', Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(', ')],
  ];
  const figures = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `Model ${session.styled('bold', shortVersion(name))}\n`,
    ...facts.filter(([, fact]) => fact !== '').map(([title, fact]) => `  ${title.padEnd(13)} ${fact}\n`),
    figures.length === 0 ? '' : `\n${session.table([{ title: 'METRIC' }, { title: 'VALUE', align: 'right' }], figures.map(([metric, value]) => [metric, figure(value)]))}`,
    signature && signature.inputs.length > 0
      ? `\n${session.table(
          [{ title: 'INPUT' }, { title: 'TYPE' }, { title: 'REQUIRED' }, { title: 'SEEN IN TRAINING', shrink: true }],
          signature.inputs.map(({ column, required, min, max, categories }) => [column?.name ?? '', word(column?.type ?? ''), required ? 'yes' : '', seen({ type: column?.type, min, max, categories })]),
        )}`
      : '',
    session.styled('dim', `\nNext: millrace lineage ${name}\n`),
  ].join('');
}

function seen({ type, min, max, categories }: { readonly type: ColumnType | undefined; readonly min: number | undefined; readonly max: number | undefined; readonly categories: readonly string[] }): string {
  if (categories.length > 0) return `${categories.slice(0, CATEGORIES_SHOWN).join(', ')}${categories.length > CATEGORIES_SHOWN ? `, … (${categories.length})` : ''}`;
  if (min === undefined && max === undefined) return '';
  return type === ColumnType.TIMESTAMP ? `${showMicros(min)} to ${showMicros(max)}` : `${figure(min)} to ${figure(max)}`;
}
