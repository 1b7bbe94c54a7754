import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ListDatasetVersionsResponse, ListDatasetsResponse, ListIngestionRunsResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { call } from '../client/rest.js';

/** What the page asks about data: datasets, their versions and how they came. Names are resource names, such as `models/late`. */
export const dataCalls = {
  datasets: () => call('/v1/datasets?pageSize=100', ListDatasetsResponse),
  datasetVersions: (dataset: string) => call(`/v1/${dataset}/versions?pageSize=50`, ListDatasetVersionsResponse),
  datasetVersion: (name: string) => call(`/v1/${name}`, DatasetVersion),
  ingestionRuns: () => call('/v1/ingestionRuns?pageSize=50', ListIngestionRunsResponse),
} as const;
