import { Inject } from '@nestjs/common';
import { parsePage, toPage } from '@millrace/core';
import {
  type ApplyEndpointRequest,
  type CertifyParityRequest,
  type DeleteEndpointRequest,
  type GetEndpointRequest,
  type GetPredictionRequest,
  InferenceServiceDefinition,
  type ListEndpointsRequest,
  type ListPredictionsRequest,
  type PredictJsonRequest,
  type PredictRequest,
  type PredictStreamRequest,
  type PredictStreamResponse,
  type SendFeedbackJsonRequest,
  type SendFeedbackRequest,
  type WatchEndpointTrafficRequest,
} from '@millrace/contracts/millrace/inference/v1/inference_service';
import { type Call, type Handlers, toAppError } from '@millrace/rpc';
import { failureOf, GrpcController, parseJsonBody, toJsonBody, toStatusMessage } from '@millrace/service';
import { endpointName } from './endpoint.js';
import { EndpointService } from './endpoint.service.js';
import { feedbackJson, predictJson } from './inference.http.js';
import { parseEndpoint, parseLabels, parseRows, toEndpoint, toPrediction, toRow, toTraffic } from './inference.wire.js';
import { ParityService } from './parity.service.js';
import { PredictionService } from './prediction.service.js';
import { TrafficService } from './traffic.service.js';

@GrpcController(InferenceServiceDefinition)
export class InferenceController implements Handlers<typeof InferenceServiceDefinition> {
  constructor(
    @Inject(EndpointService) private readonly endpoints: EndpointService,
    @Inject(PredictionService) private readonly predictions: PredictionService,
    @Inject(TrafficService) private readonly traffic: TrafficService,
    @Inject(ParityService) private readonly parity: ParityService,
  ) {}

  async applyEndpoint({ endpoint }: ApplyEndpointRequest) {
    return toEndpoint(await this.endpoints.apply(parseEndpoint(endpoint), endpoint?.etag ?? ''));
  }

  async getEndpoint({ name }: GetEndpointRequest) {
    return toEndpoint(await this.endpoints.get(endpointName.parse(name).endpoint));
  }

  async listEndpoints(request: ListEndpointsRequest) {
    const page = parsePage(request, 'ListEndpoints');
    const { rows, nextPageToken } = toPage(await this.endpoints.list({ deleted: request.showDeleted }, page), page, ({ endpoint }) => endpoint);
    return { endpoints: rows.map(toEndpoint), nextPageToken };
  }

  async deleteEndpoint({ name, etag, requestId }: DeleteEndpointRequest) {
    return toEndpoint(await this.endpoints.delete(endpointName.parse(name).endpoint, { etag, requestId }));
  }

  async predict({ endpoint, rows, eventTimes, explainInputs, contributions: most }: PredictRequest) {
    const { predictions, modelVersion, inputs, contributions } = await this.predictions.predict(endpointName.parse(endpoint).endpoint, () => ({ rows: parseRows(rows), times: eventTimes, contributions: most }));
    const explained = explainInputs ? predictions.map((prediction) => toRow(Object.fromEntries(inputs.map((name, i) => [name, prediction.inputs[i]])))) : [];
    return { predictions: predictions.map((prediction, i) => toPrediction(prediction, contributions[i])), modelVersion, inputs: explained };
  }

  async predictJson({ endpoint, body }: PredictJsonRequest) {
    const name = endpointName.parse(endpoint).endpoint;
    return { body: toJsonBody(await predictJson(this.predictions, name, parseJsonBody(body))) };
  }

  async *predictStream(requests: AsyncIterable<PredictStreamRequest>, { signal }: Call): AsyncGenerator<PredictStreamResponse> {
    for await (const { request } of requests) {
      if (signal.aborted) return;
      try {
        yield { result: { $case: 'response', value: await this.predict(request ?? EMPTY_REQUEST) } };
      } catch (error) {
        yield { result: { $case: 'error', value: toStatusMessage(failureOf(toAppError(error))) } };
      }
    }
  }

  async sendFeedback({ endpoint, labels }: SendFeedbackRequest) {
    const accepted = await this.predictions.feedback(endpointName.parse(endpoint).endpoint, parseLabels(labels, new Date()));
    return { accepted: BigInt(accepted) };
  }

  async sendFeedbackJson({ endpoint, body }: SendFeedbackJsonRequest) {
    const name = endpointName.parse(endpoint).endpoint;
    return { body: toJsonBody(await feedbackJson(this.predictions, name, parseJsonBody(body))) };
  }

  async getPrediction({ endpoint, id }: GetPredictionRequest) {
    const { record, inputs, label } = await this.predictions.get(endpointName.parse(endpoint).endpoint, id);
    return { record, inputs: [...inputs], label: label?.value, labelTime: label?.knownTime };
  }

  async listPredictions(request: ListPredictionsRequest) {
    const page = parsePage(request, 'ListPredictions');
    const { rows, nextPageToken } = toPage(await this.predictions.list(endpointName.parse(request.parent).endpoint, page), page, ({ record }) => record.id);
    return { predictions: rows.map(({ record, inputs }) => ({ record, inputs: [...inputs] })), nextPageToken };
  }

  async *watchEndpointTraffic({ endpoint, changedSince }: WatchEndpointTrafficRequest, { signal }: Call) {
    for await (const window of this.traffic.watch(endpointName.parse(endpoint).endpoint, { changedSince, signal })) yield toTraffic(window);
  }

  async certifyParity({ artifact, sample }: CertifyParityRequest, { signal }: Call) {
    const { rows, equal, maxDifference, environment } = await this.parity.certify(artifact?.digest ?? '', sample?.digest ?? '', signal);
    return { rows: BigInt(rows), equal: BigInt(equal), maxDifference, environment: { ...environment } };
  }
}

const EMPTY_REQUEST: PredictRequest = { endpoint: '', rows: [], eventTimes: [], explainInputs: false, contributions: 0 };
