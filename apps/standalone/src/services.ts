import { featureStoreService } from '@millrace/feature-store';
import { gatewayService } from '@millrace/gateway';
import { inferenceService } from '@millrace/inference';
import { ingestionService } from '@millrace/ingestion';
import { monitorService } from '@millrace/monitor';
import { pipelinesService } from '@millrace/pipelines';
import { registryService } from '@millrace/registry';
import type { AnyService } from '@millrace/service';
import { trainerService } from '@millrace/trainer';

/** All services of the product, in the order in which they start: who is asked comes before who asks. */
export const services: readonly AnyService[] = [ingestionService, featureStoreService, registryService, trainerService, inferenceService, monitorService, pipelinesService, gatewayService];
