import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { DatasetComparison } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ListDatasetVersionsResponse, ListDatasetsResponse, ListDuplicateRowsResponse, ListIngestionRunsResponse, ListLedgerEntriesResponse, ListQuarantinedRowsResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { call, page, still } from '../client/rest.js';

/** Rows of a list that are shown at once. */
const ROWS = 25;

/** What the page asks about data: datasets, their versions, how they came, and what was set aside. Names are resource names, such as `models/late`. */
export const dataCalls = {
  datasets: () => call('/v1/datasets?pageSize=100', ListDatasetsResponse),
  datasetPages: (token: string) => call(`/v1/datasets?${page(token, 50)}`, ListDatasetsResponse),
  versionPages: (dataset: string) => (token: string) => call(`/v1/${dataset}/versions?${page(token, ROWS)}`, ListDatasetVersionsResponse),
  datasetVersion: (name: string) => call(`/v1/${name}`, DatasetVersion),
  comparison: (name: string, other: string) => still(call(`/v1/${name}:compare?other=${encodeURIComponent(other)}`, DatasetComparison)),
  quarantinedRows: (version: string) => (token: string) => still(call(`/v1/${version}/quarantinedRows?${page(token, ROWS)}`, ListQuarantinedRowsResponse)),
  duplicateRows: (version: string) => (token: string) => still(call(`/v1/${version}/duplicateRows?${page(token, ROWS)}`, ListDuplicateRowsResponse)),
  ledgerEntries: (version: string) => (token: string) => still(call(`/v1/${version}/ledgerEntries?${page(token, ROWS)}`, ListLedgerEntriesResponse)),
  ingestionRun: (name: string) => call(`/v1/${name}`, IngestionRun),
  ingestionRuns: () => call('/v1/ingestionRuns?pageSize=50', ListIngestionRunsResponse),
} as const;
