import type { ArchiveServiceDefinition } from '@millrace/contracts/millrace/archive/v1/archive_service';
import type { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import type { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import type { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { EventRecord } from '@millrace/core';
import type { ObjectsPlace, ObjectStore } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import type { EventTap, TapRecord } from './event-tap.js';

/** The services, by the word that their packages in proto have. */
export const SERVICES = ['ingestion', 'features', 'trainer', 'registry', 'inference', 'monitor', 'pipelines'] as const;
export type ServiceName = (typeof SERVICES)[number];

export type Archive = Client<typeof ArchiveServiceDefinition>;

/** A client of every service. */
export interface Clients {
  readonly ingestion: Client<typeof IngestionServiceDefinition>;
  readonly features: Client<typeof FeatureStoreServiceDefinition>;
  readonly trainer: Client<typeof TrainerServiceDefinition>;
  readonly registry: Client<typeof RegistryServiceDefinition>;
  readonly inference: Client<typeof InferenceServiceDefinition>;
  readonly monitor: Client<typeof MonitorServiceDefinition>;
  readonly pipelines: Client<typeof PipelinesServiceDefinition>;
  /** Of the process of the registry. */
  readonly archive: Archive;
  /** Of any process: each serves it for all. */
  readonly deadLetters: Client<typeof DeadLetterServiceDefinition>;
}

/** What came of a call over REST. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** All that a case may know of the home that it runs in: where it is called, not what it is. */
export interface Home extends Clients {
  /** host:port of each service. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** http://host:port of the service that answers REST. */
  readonly httpAddress: string;
  /** http://host:port of the gateway. */
  readonly gatewayAddress: string;
  /** The archive of the process of a service. */
  archiveOf(service: ServiceName): Archive;
  /** Posts a body to a path over REST; a text goes as it is. */
  post(path: string, body: unknown): Promise<RestAnswer>;
  /** Asks the gateway. */
  ask(verb: string, path: string, options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }): Promise<RestAnswer>;
  readonly events: EventTap;
  /** Puts a record onto the bus, as a stranger may. */
  publish(record: EventRecord): Promise<void>;
  readonly objects: ObjectStore;
  /** Writes a file where sources may be read from; gives its path. */
  source(name: string, content: string | Uint8Array): Promise<string>;
}

/** A home at work, before its calls are followed. */
export interface OpenHome {
  readonly addresses: Home['addresses'];
  readonly httpAddress: string;
  readonly gatewayAddress: string;
  readonly objects: ObjectsPlace;
  publish(record: EventRecord): Promise<void>;
  close(): Promise<void>;
}

/** Starts a home over an empty directory whose sources lie below `roots`; every record of the bus goes to `onRecord`. */
export type StartHome = (options: { readonly directory: string; readonly roots: string; readonly onRecord: (record: TapRecord) => void }) => Promise<OpenHome>;
