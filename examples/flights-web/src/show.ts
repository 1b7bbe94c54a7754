import type { Prediction } from '@millrace/client/millrace/inference/v1/prediction';
import type { Flight } from './flights.js';

/** One answer with the way to tell how it turned out. */
export interface Answer {
  readonly flight: Flight;
  readonly prediction: Prediction;
  readonly modelVersion: string;
  readonly tell: (predictionId: string, late: boolean) => Promise<void>;
}

/** An element with its texts and parts. */
function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, properties: Partial<HTMLElementTagNameMap[Tag]> = {}, ...parts: readonly (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...parts);
  return made;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const words = (input: string): string => input.replaceAll('_', ' ');

/** The flights that can be chosen. */
export function showFlights(flights: readonly Flight[]): void {
  const rows = flights.map(({ origin, destination, distance }, i) => element('label', {}, element('input', { type: 'radio', name: 'flight', value: String(i), required: true, checked: i === 0 }), element('b', {}, `${origin} → ${destination}`), element('span', {}, `${distance} miles`)));
  document.querySelector('#board')?.append(...rows);
}

/** The probability, why it is so, and the question how it turned out. */
export function showAnswer(place: HTMLElement, { flight: { origin, destination }, prediction: { id, score, contributions, refused }, modelVersion, tell }: Answer): void {
  if (refused !== '') return showFailure(place, `The model does not answer: ${refused}.`);
  const said = element('p', { className: 'said' }, element('b', {}, percent(score)), ` that ${origin} → ${destination} is late`);
  const most = Math.max(...contributions.map(({ change }) => Math.abs(change)), 0.01);
  const reasons = contributions.map(({ input, change }) => {
    const bar = element('meter', { min: 0, max: most, value: Math.abs(change) });
    bar.ariaLabel = `${words(input)}: ${change > 0 ? 'more' : 'less'} likely by ${percent(Math.abs(change))}`;
    return element('li', { className: change > 0 ? 'more' : 'less' }, element('span', {}, words(input)), bar, element('span', {}, `${change > 0 ? '+' : '−'}${(Math.abs(change) * 100).toFixed(1)}`));
  });
  const why = reasons.length === 0 ? element('p', {}, 'Nothing about it is out of the ordinary.') : element('ul', {}, ...reasons);
  place.replaceChildren(said, element('h2', {}, 'Why'), element('p', { className: 'note' }, 'Points of probability, compared with what is usual in training.'), why, outcome(id, tell), element('p', { className: 'note' }, `Answered by ${modelVersion}, prediction ${id}`));
}

function outcome(id: string, tell: Answer['tell']): HTMLElement {
  const told = element('p', { className: 'outcome' });
  const button = (text: string, late: boolean): HTMLButtonElement =>
    element('button', {
      type: 'button',
      onclick: () => {
        tell(id, late).then(
          () => told.replaceChildren(`Thank you. It is noted that it was ${late ? 'late' : 'on time'}.`),
          (error: unknown) => told.append(` It could not be noted: ${error instanceof Error ? error.message : String(error)}`),
        );
      },
    }, text);
  told.append('How did it turn out? ', button('It was on time', false), button('It was late', true));
  return told;
}

/** Why there is no answer. */
export function showFailure(place: HTMLElement, why: string): void {
  const line = element('p', { className: 'failure' }, why);
  line.setAttribute('role', 'alert');
  place.replaceChildren(line);
}
