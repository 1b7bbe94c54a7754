import { resourceName } from '@millrace/core';

export const endpointName = resourceName('endpoints/{endpoint}');
export const aliasName = resourceName('models/{model}/aliases/{alias}');

export type GuardAction = 'FLAG' | 'REJECT' | 'IGNORE';

/** What happens to inputs that training did not see. */
export interface InputGuard {
  readonly outOfRange: GuardAction;
  readonly unseenCategory: GuardAction;
  readonly missing: GuardAction;
}

/** A stable address for predictions of one model. */
export interface Endpoint {
  readonly endpoint: string;
  readonly description: string;
  readonly alias: string;
  /** Empty: requests carry every input. */
  readonly featureService: string;
  readonly guard: InputGuard;
  /** The version that answers, and its artefact; empty before the first. */
  readonly modelVersion: string;
  readonly artifact: string;
  readonly createTime: Date;
  readonly revision: number;
  /** Set where it was deleted: when, and by which request. */
  readonly deletion?: { readonly time: Date; readonly requestId: string } | undefined;
}

/** What a caller says of an endpoint. */
export type EndpointDraft = Pick<Endpoint, 'endpoint' | 'description' | 'alias' | 'featureService' | 'guard'>;

/** The endpoint after it was pointed at a version; `undefined` when that changes nothing. */
export function pointAt(endpoint: Endpoint, { modelVersion, artifact }: Pick<Endpoint, 'modelVersion' | 'artifact'>): Endpoint | undefined {
  return endpoint.modelVersion === modelVersion && endpoint.artifact === artifact ? undefined : { ...endpoint, modelVersion, artifact, revision: endpoint.revision + 1 };
}
