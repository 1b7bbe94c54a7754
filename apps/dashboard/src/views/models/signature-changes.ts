import type { InputColumn } from '@millrace/contracts/millrace/registry/v1/model';
import { count, toldText } from '../../text.js';
import { seenOf, typeOf } from './input-words.js';

const MOST_TOLD = 6;
const required = (input: InputColumn): string => (input.required ? 'required' : 'not required');
const told = (texts: readonly string[]): string => (texts.length <= MOST_TOLD ? texts.map(toldText).join(', ') : `${texts.slice(0, MOST_TOLD).map(toldText).join(', ')} and ${count(texts.length - MOST_TOLD)} more`);

/** What has become of the inputs of a model from one version to another, a sentence each. */
export function inputChanges(before: readonly InputColumn[], after: readonly InputColumn[]): readonly string[] {
  const known = new Map(before.map((input) => [input.column?.name ?? '', input]));
  const left = new Map(after.map((input) => [input.column?.name ?? '', input]));
  return [
    ...[...known].filter(([name]) => !left.has(name)).map(([name]) => `${name} is no longer read.`),
    ...[...left].flatMap(([name, input]) => {
      const former = known.get(name);
      return former ? changesOf(name, former, input) : [`${name} is new: a ${typeOf(input)}, ${required(input)}.`];
    }),
  ];
}

function changesOf(name: string, before: InputColumn, after: InputColumn): readonly string[] {
  const [known, seen] = [new Set(before.categories), new Set(after.categories)];
  const [came, went] = [after.categories.filter((text) => !known.has(text)), before.categories.filter((text) => !seen.has(text))];
  return [
    ...(typeOf(before) === typeOf(after) ? [] : [`${name} was a ${typeOf(before)} and is a ${typeOf(after)}.`]),
    ...(before.required === after.required ? [] : [`${name} was ${required(before)} and is ${required(after)}.`]),
    ...(before.min === after.min && before.max === after.max ? [] : [`Training saw ${name} from ${seenOf({ ...before, categories: [] })}, now from ${seenOf({ ...after, categories: [] })}.`]),
    ...(came.length === 0 ? [] : [`Training has seen more of ${name}: ${told(came)}.`]),
    ...(went.length === 0 ? [] : [`Training has not seen these of ${name} again: ${told(went)}.`]),
  ];
}
