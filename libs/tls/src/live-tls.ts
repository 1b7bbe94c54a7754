import { readTls, type TlsFiles, type TlsMaterial } from './pem.js';

/** How files are followed. */
export interface LiveTlsOptions {
  readonly refreshMs?: number;
  /** Told once of each reason for which new files could not be taken. */
  readonly onFault?: (error: unknown) => void;
  /** Told when new files were taken. */
  readonly onRenewed?: () => void;
}

/** Certificates are renewed days before they end: what is new may wait so long. */
const REFRESH_MS = 10_000;

/** Certificates and keys that follow their files: what is renewed on disk is used for the next handshake, and what does not fit is not taken. */
export class LiveTls {
  readonly #followers = new Set<(material: TlsMaterial) => void>();
  readonly #timer: NodeJS.Timeout;
  #fault = '';

  private constructor(
    private readonly files: TlsFiles,
    private material: TlsMaterial,
    private readonly options: LiveTlsOptions,
  ) {
    this.#timer = setInterval(() => void this.refresh(), options.refreshMs ?? REFRESH_MS).unref();
  }

  /** Reads the files for the first time; throws what is wrong with them. */
  static async open(files: TlsFiles, options: LiveTlsOptions = {}): Promise<LiveTls> {
    return new LiveTls(files, await readTls(files), options);
  }

  /** What the files held when they last fitted. */
  get current(): TlsMaterial {
    return this.material;
  }

  /** Calls back with what is new from now on; the answer ends that. */
  follow(follower: (material: TlsMaterial) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Looks at the files now. */
  async refresh(): Promise<void> {
    let fresh: TlsMaterial;
    try {
      fresh = await readTls(this.files);
    } catch (error) {
      // Certificate and key are two files: between their renewals they do not fit, and nothing is wrong.
      const fault = String(error);
      if (fault !== this.#fault) this.options.onFault?.(error);
      this.#fault = fault;
      return;
    }
    this.#fault = '';
    const { ca, cert, key } = this.material;
    if (fresh.ca === ca && fresh.cert === cert && fresh.key === key) return;
    this.material = fresh;
    for (const follower of this.#followers) follower(fresh);
    this.options.onRenewed?.();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#followers.clear();
  }
}

/** All that a connection needs of it. */
export type TlsSource = Pick<LiveTls, 'current' | 'follow'>;
