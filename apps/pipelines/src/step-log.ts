/** Of each step of a run the newest lines are kept, as many as both bounds allow. */
export const STEP_LOG_LINES = 2_000;
export const STEP_LOG_BYTES = 512 << 10;
/** What is left of a full log when its oldest lines go: they go rarely, and many at once. */
const KEPT_SHARE = 0.75;

/** One line that a step has said. */
export interface StepLine {
  /** Counts upwards within the run; what was left out is a gap. */
  readonly position: number;
  readonly step: string;
  readonly time: Date;
  readonly text: string;
}

/** How much is kept of the log of one step. */
export interface StepTally {
  readonly lines: number;
  readonly bytes: number;
  /** Lines that are not kept any more. */
  readonly left: number;
  /** Up to where the log of which job was heard. */
  readonly log: string;
  readonly heard: number;
}

/** What is known of the log of a run beside its lines. */
export interface StepLogHead {
  readonly run: string;
  readonly next: number;
  readonly steps: Readonly<Record<string, StepTally>>;
}

/** Lines that come in: those of a job with where they stand in its log. */
export interface Said {
  readonly step: string;
  readonly log: string;
  readonly lines: readonly { readonly position: number; readonly time: Date; readonly text: string }[];
}

const NOTHING: StepTally = { lines: 0, bytes: 0, left: 0, log: '', heard: 0 };

export const emptyHead = (run: string): StepLogHead => ({ run, next: 0, steps: {} });

/** Numbers the lines that were not heard before. Said by the platform itself (`log` is empty) every line is new. */
export function admit(head: StepLogHead, { step, log, lines }: Said): { readonly head: StepLogHead; readonly added: readonly StepLine[] } {
  const tally = head.steps[step] ?? NOTHING;
  const isNew = log === '' ? lines : lines.filter(({ position }) => log !== tally.log || position > tally.heard);
  const kept = isNew.slice(-STEP_LOG_LINES);
  const added = kept.map(({ time, text }, i) => ({ position: head.next + i, step, time, text }));
  const heard = log === '' ? {} : { log, heard: isNew.at(-1)?.position ?? tally.heard };
  const next: StepTally = { ...tally, ...heard, lines: tally.lines + added.length, bytes: tally.bytes + sizeOf(added), left: tally.left + isNew.length - kept.length };
  return { head: { ...head, next: head.next + added.length, steps: { ...head.steps, [step]: next } }, added };
}

/** Whether a step has said more than is kept. */
export const isOver = ({ lines, bytes }: StepTally): boolean => lines > STEP_LOG_LINES || bytes > STEP_LOG_BYTES;

/** Takes the oldest lines of a step out; the last of them makes room for a line that tells how many there were. */
export function trim(tally: StepTally, lines: readonly StepLine[]): { readonly tally: StepTally; readonly mark: StepLine | undefined } {
  let [kept, bytes] = [0, 0];
  for (const line of lines.toReversed()) {
    const size = sizeOf([line]);
    if (kept + 1 > STEP_LOG_LINES * KEPT_SHARE || bytes + size > STEP_LOG_BYTES * KEPT_SHARE) break;
    [kept, bytes] = [kept + 1, bytes + size];
  }
  const last = lines[lines.length - kept - 1];
  if (!last) return { tally, mark: undefined };
  // The mark of before is among those that go, and no line that was said.
  const left = tally.left + lines.length - kept - (tally.left > 0 ? 1 : 0);
  const mark: StepLine = { ...last, text: `… ${left} earlier lines are left out` };
  return { tally: { ...tally, lines: kept + 1, bytes: bytes + sizeOf([mark]), left }, mark };
}

const sizeOf = (lines: readonly StepLine[]): number => lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
