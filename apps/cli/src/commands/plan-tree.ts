import type { PlanColumn, PlanDescription, PlanFlow, PlanStep } from '@millrace/contracts/millrace/type/v1/plan';
import { flow } from '../text/flow.js';
import { type Paint, plain } from '../text/paint.js';
import { word } from '../text/state-word.js';
import type { Cell } from '../text/table.js';
import { oneLine } from '../text/width.js';

/** How wide a plan is told where nobody says. */
const WIDTH = 120;
const MARGIN = '│    ';
/** Of what a step was told, and of what it has learnt. */
const MOST_LINES = 3;

/** A plan as a line of steps: into each the columns that flow, by the step that they come from, and out of each those that it makes, with their types; options and what was learnt in short. */
export function planTree({ inputs, steps, features }: PlanDescription, { paint = plain, width = WIDTH }: { readonly paint?: Paint; readonly width?: number | undefined } = {}): string {
  const room = Math.max(20, width - MARGIN.length);
  const lines = (sign: string, cells: readonly (readonly Cell[])[]): readonly string[] => flow(cells, { width: room - sign.length - 1, paint }).map((line, i) => `${MARGIN}${i === 0 ? sign : ' '.repeat(sign.length)} ${line}`);
  const step = (each: PlanStep): readonly string[] => [
    `├─ ${paint('bold', oneLine(each.id))} ${paint('dim', `${each.kind}, ${each.role}`)}`,
    ...bySource(each.inputs).flatMap(([from, columns]) => lines('←', [...columns.map((column) => columnCells(column)), sourceCells(from)])),
    ...(each.outputs.length === 0 ? [] : lines('→', each.outputs.map(columnCells))),
    ...optionLines(each).flatMap((text) => lines(' ', [[{ text, style: 'dim' }]]).slice(0, MOST_LINES)),
    '│',
  ];
  return [
    `┌─ ${paint('bold', 'inputs')} ${paint('dim', String(inputs.length))}`,
    ...lines('→', inputs.map(columnCells)),
    '│',
    ...steps.flatMap(step),
    `└─ ${paint('bold', 'features')} ${paint('dim', String(features.length))}`,
    ...bySource(features).flatMap(([from, columns]) => lines('←', [...columns.map(columnCells), sourceCells(from)])),
  ]
    .map((line, i, all) => (i > all.findLastIndex((each) => each.startsWith('└─')) ? line.replace('│', ' ') : line).trimEnd())
    .join('\n')
    .concat('\n');
}

const sourceCells = (from: string): readonly Cell[] => [{ text: `from ${from === '' ? 'the inputs' : oneLine(from)}`, style: 'dim' }];
const columnCells = ({ name, type, nullable, family }: PlanColumn): readonly Cell[] => [{ text: oneLine(name) }, { text: `${word(type)}${family ? '…' : ''}${nullable ? '?' : ''}`, style: 'dim' }];

/** Columns by the step that they come from, steps in the order in which they are named first. */
function bySource(flows: readonly PlanFlow[]): readonly (readonly [string, readonly PlanColumn[]])[] {
  const groups = new Map<string, PlanColumn[]>();
  for (const { column, from } of flows) if (column) groups.set(from, [...(groups.get(from) ?? []), column]);
  return [...groups];
}

function optionLines({ optionsJson, state }: PlanStep): readonly string[] {
  const options = optionsJson === '' ? {} : (JSON.parse(optionsJson) as Readonly<Record<string, unknown>>);
  const said = Object.entries(options).map(([name, value]) => `${name} ${typeof value === 'string' && /^\w/.test(value) ? oneLine(value) : JSON.stringify(value)}`);
  return [...(said.length === 0 ? [] : [said.join(', ')]), ...(state === '' ? [] : [`learnt ${oneLine(state)}`])];
}
