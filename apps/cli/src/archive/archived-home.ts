import { ArchiveServiceDefinition, type ServiceContents } from '@millrace/contracts/millrace/archive/v1/archive_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { Client, Definition } from '@millrace/rpc';
import type { Session } from '../session.js';
import type { TableSum } from './archive-manifest.js';

/** The services of a home in the order in which they are taken over, each with the contract whose address is that of its process. */
export const ARCHIVED = [
  { service: 'ingestion', at: IngestionServiceDefinition },
  { service: 'feature-store', at: FeatureStoreServiceDefinition },
  { service: 'registry', at: RegistryServiceDefinition },
  { service: 'trainer', at: TrainerServiceDefinition },
  { service: 'inference', at: InferenceServiceDefinition },
  { service: 'monitor', at: MonitorServiceDefinition },
  { service: 'pipelines', at: PipelinesServiceDefinition },
] as const;

/** A client of the archive of each service. */
export const archiveOf = (session: Session, at: Definition): Promise<Client<typeof ArchiveServiceDefinition>> => session.connect(ArchiveServiceDefinition, at);

/** The tables of a service by name. */
export const tablesOf = ({ tables }: Pick<ServiceContents, 'tables'>): Readonly<Record<string, TableSum>> => Object.fromEntries(tables.map(({ table, rows, digest }) => [table, { rows: Number(rows), digest }]));

/** What differs between two services, in words; nothing where they keep the same. */
export function differences(service: string, wanted: Readonly<Record<string, TableSum>>, found: Readonly<Record<string, TableSum>>): readonly string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])].flatMap((table) => {
    const [a, b] = [wanted[table], found[table]];
    if (a?.rows === b?.rows && a?.digest === b?.digest) return [];
    return a?.rows === b?.rows ? [`${service}.${table}: ${a?.rows} rows, but others`] : [`${service}.${table}: ${b?.rows ?? 'no'} rows instead of ${a?.rows ?? 'none'}`];
  });
}

/** How many rows a service keeps. */
export const rowsOf = (tables: Readonly<Record<string, TableSum>>): number => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
