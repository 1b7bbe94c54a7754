import { addressVariable, type Client, connect, type Definition, type Observer, type RpcHost } from '@millrace/rpc';
import type { TlsSource } from '@millrace/tls';
import type { Env } from './config.js';
import { errors } from './errors.js';

/** Finds a client for any service: in this process where it is served, else at MILLRACE_<SERVICE>_ADDRESS. */
export class Clients {
  readonly #remote = new Map<string, { close(): void }>();

  constructor(
    private readonly host: RpcHost,
    private readonly local: ReadonlySet<string>,
    private readonly options: { readonly env: Env; readonly observers: readonly Observer[]; readonly tls: TlsSource | undefined },
  ) {}

  of<D extends Definition>(definition: D): Client<D> {
    if (this.local.has(definition.fullName)) return this.host.client(definition);
    const known = this.#remote.get(definition.fullName);
    if (known) return known as unknown as Client<D>;
    const variable = addressVariable(definition);
    const address = this.options.env[variable];
    if (address === undefined) throw errors.SERVICE_ADDRESS_MISSING({ definition: definition.fullName, variable });
    const client = connect(definition, address, { observers: this.options.observers, tls: this.options.tls });
    this.#remote.set(definition.fullName, client);
    return client;
  }

  close(): void {
    for (const client of this.#remote.values()) client.close();
  }
}
