/** A set-up that cannot go on: `step` says where, the message says why and what to do, `output` is what the failing program printed. */
export class SetUpError extends Error {
  constructor(step, message, { output = '', cause } = {}) {
    super(message, { cause });
    this.name = 'SetUpError';
    this.step = step;
    this.output = output;
  }
}
