import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { makeReference, numericReference, parseReference, type Reference } from '@millrace/ml';
import type { ObjectStore } from '@millrace/objects';
import { type Client, detached } from '@millrace/rpc';
import { errors } from './errors.js';
import type { Monitor } from './monitor.js';

/** Versions whose references are held in memory. */
const MAX_HELD = 100;

/** Finds what the predictions of a model version are compared with. */
export class References {
  readonly #held = new Map<string, Promise<Reference>>();

  constructor(
    private readonly objects: ObjectStore,
    private readonly registry: Client<typeof RegistryServiceDefinition>,
  ) {}

  /** The monitor's own reference, else that of each version. */
  async of({ reference }: Monitor, versions: Iterable<string>): Promise<ReadonlyMap<string, Reference>> {
    const found = new Map<string, Reference>();
    for (const version of new Set(versions)) found.set(version, await this.#hold(reference === '' ? version : reference, () => (reference === '' ? this.#ofVersion(version) : this.#read(reference))));
    return found;
  }

  /** Throws REFERENCE_UNREADABLE where a monitor's own reference is none; an empty one is that of each version. */
  async check(reference: string): Promise<void> {
    if (reference !== '') await this.#hold(reference, () => this.#read(reference));
  }

  #hold(key: string, read: () => Promise<Reference>): Promise<Reference> {
    const known = this.#held.get(key);
    if (known) return known;
    const made = read();
    this.#held.set(key, made);
    made.catch(() => this.#held.delete(key));
    const [oldest] = this.#held.keys();
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.#held.delete(oldest);
    return made;
  }

  /** A version that came without a reference is counted, but compared with nothing. */
  async #ofVersion(version: string): Promise<Reference> {
    // Held for every later caller: the one who asked first may leave.
    const { reference } = await detached(() => this.registry.getModelVersion({ name: version }));
    return reference ? this.#read(reference.digest) : makeReference([], numericReference('score', new Float64Array()));
  }

  async #read(digest: string): Promise<Reference> {
    try {
      return parseReference(JSON.parse(Buffer.from(await this.objects.read(digest)).toString('utf8')));
    } catch (cause) {
      throw errors.REFERENCE_UNREADABLE({ digest, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
    }
  }
}
