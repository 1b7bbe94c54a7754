import { ArchiveServiceDefinition, type ServiceContents } from '@millrace/contracts/millrace/archive/v1/archive_service';
import type { Client } from '@millrace/rpc';
import type { Session } from '../session.js';
import type { TableSum } from './archive-manifest.js';

/** The services of a home in the order in which they are taken over, each with the word of its address. */
export const ARCHIVED = [
  { service: 'ingestion', at: 'ingestion' },
  { service: 'feature-store', at: 'features' },
  { service: 'registry', at: 'registry' },
  { service: 'trainer', at: 'trainer' },
  { service: 'inference', at: 'inference' },
  { service: 'monitor', at: 'monitor' },
  { service: 'pipelines', at: 'pipelines' },
] as const;

/** A client of the archive of each service. */
export const archiveOf = (session: Session, at: string): Promise<Client<typeof ArchiveServiceDefinition>> => session.connect(ArchiveServiceDefinition, at);

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
