export { currentTraceId, currentTraceparent } from '@millrace/telemetry';
export { detached } from './call-scope.js';
export type { Call, CallOptions, Client, Definition, Handlers, Method, PartialRequestOf, RequestOf, ResponseOf } from './definition.js';
export type { Authorize, CallInfo, ObservedCall, Observer } from './observer.js';
export { connect, type ConnectOptions, DEFAULT_DEADLINE_MS, MAX_MESSAGE_BYTES } from './rpc-client.js';
export { FOREVER, RpcHost, type RpcHostOptions } from './rpc-host.js';
export { fromStatus, toAppError, toStatus } from './status.js';
export { addressVariable } from './target.js';
export { tracing, withTraceparent } from './tracing.js';
