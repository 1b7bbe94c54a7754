/** How a line is told from the others: by its tone and its dashes, so that no colour says it alone. */
export interface Stroke {
  readonly tone: 'water' | 'ink' | 'soft';
  readonly dash: string;
}

const TONES = ['water', 'ink', 'soft'] as const;
const DASHES = ['none', '7 4', '2 3', '9 3 2 3'] as const;

/** The stroke of the line at a place among all lines; twelve are different. */
export const strokeOf = (at: number): Stroke => ({ tone: TONES[at % TONES.length] ?? 'ink', dash: DASHES[Math.floor(at / TONES.length) % DASHES.length] ?? 'none' });

/** One line of a key, with its name. */
export interface Keyed {
  readonly id: string;
  readonly name: string;
  readonly stroke: Stroke;
}

interface Parts {
  readonly lines: readonly Keyed[];
  /** The line that is pointed at. */
  readonly near: string | undefined;
  readonly onNear: (id: string | undefined) => void;
}

/** Says which line is which; one that is pointed at stands out in the picture. */
export function Key({ lines, near, onNear }: Parts) {
  return (
    <ul className="line-key">
      {lines.map(({ id, name, stroke: { tone, dash } }) => (
        <li key={id} data-near={near === id || undefined} onPointerEnter={() => onNear(id)} onPointerLeave={() => onNear(undefined)}>
          <svg width="26" height="10" aria-hidden="true">
            <line x1="0" x2="26" y1="5" y2="5" data-tone-of={tone} strokeDasharray={dash} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
