import type { ObjectsPlace } from '@millrace/objects';

/** The services, by the word that their addresses and packages have. */
export const SERVICES = ['ingestion', 'features', 'trainer', 'registry', 'inference', 'monitor', 'pipelines'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Millrace at work for a story, wherever its services run. */
export interface DemoHome {
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** REST of inference. */
  readonly httpAddress: string;
  /** HTTP of every process of it, where each says what it has used. */
  readonly processes: readonly string[];
  readonly objects: ObjectsPlace;
  /** Resolves when something has ended of itself. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** How a home is started: over an empty directory. */
export interface DemoHomeOptions {
  readonly directory: string;
  readonly roots: string;
  /** Listen where people look for it. */
  readonly keep: boolean;
}

/** Every service at one address. */
export const everywhere = (address: string): DemoHome['addresses'] => Object.fromEntries(SERVICES.map((name) => [name, address])) as DemoHome['addresses'];
