/** What a story does, in its order; a pipeline's steps go by their kind. */
export const PHASES = ['apply', 'ingest', 'features', 'training_set', 'train', 'register', 'certify', 'materialize', 'deploy', 'monitor', 'replay', 'close', 'new_data'];

/** How often a story does so at least: two batches of new data make two more runs, which find the views filled. */
const TIMES = { apply: 1, ingest: 3, features: 3, training_set: 3, train: 3, register: 3, certify: 3, materialize: 2, deploy: 3, monitor: 3, replay: 1, close: 5, new_data: 2 };

/** What goes on at the moment, as far as the driver knows. */
export class Phases {
  #open = new Map();
  #waiting = [];
  #entered = new Map();

  enter(phase) {
    this.#open.set(phase, (this.#open.get(phase) ?? 0) + 1);
    this.#entered.set(phase, (this.#entered.get(phase) ?? 0) + 1);
    for (const waiter of this.#waiting.filter((each) => each.phase === phase)) waiter.resolve(true);
  }

  leave(phase) {
    const left = (this.#open.get(phase) ?? 0) - 1;
    if (left > 0) this.#open.set(phase, left);
    else this.#open.delete(phase);
  }

  /** Runs `work` within a phase. */
  async during(phase, work) {
    this.enter(phase);
    try {
      return await work();
    } finally {
      this.leave(phase);
    }
  }

  /** All that goes on now, in the order of the story. */
  now() {
    return PHASES.filter((phase) => this.#open.has(phase));
  }

  /** The phases that go on now or are still to come. */
  ahead() {
    return PHASES.filter((phase) => this.#open.has(phase) || (this.#entered.get(phase) ?? 0) < TIMES[phase]);
  }

  /** Gives true once a phase goes on, false when the time is over before. */
  async reached(phase, ms) {
    if (this.#open.has(phase)) return true;
    return new Promise((resolve) => {
      const done = (reached) => {
        clearTimeout(timer);
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        resolve(reached);
      };
      const waiter = { phase, resolve: done };
      const timer = setTimeout(() => done(false), ms).unref();
      this.#waiting.push(waiter);
    });
  }
}
