import { Tilt } from '../../charts/tilt.js';
import { Figure } from '../../parts/figure.js';
import type { PredictionAnswer } from './prediction-answer.js';
import { textOf } from './row-text.js';

const signed = (change: number): string => `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(4)}`;

/** Which inputs moved the score, against what is typical of training; nothing where none is told. */
export function Moved({ answer: { contributions, inputs } }: { readonly answer: PredictionAnswer }) {
  if (contributions.length === 0) return undefined;
  const values = new Map(inputs);
  return (
    <Figure
      title="What moved the score"
      says="How much lower the score is when what was typical of training stands in place of one input; changes of inputs that act together do not add up."
      picture={<Tilt pulls={contributions.map(({ input, change }) => ({ name: input, change }))} show={signed} says={contributions.map(({ input, change }) => `${input} ${signed(change)}`).join(', ')} />}
      table={{
        rows: contributions,
        keyOf: ({ input }) => input,
        columns: [
          { head: 'Input', cell: ({ input }) => input },
          { head: 'Change', figures: true, cell: ({ change }) => signed(change), plain: ({ change }) => change },
          { head: 'Its value', cell: ({ input }) => values.get(input) ?? 'missing' },
          { head: 'Typical', cell: ({ typical }) => (typical && textOf(typical)) ?? 'missing' },
        ],
      }}
    />
  );
}
