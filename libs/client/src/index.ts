export { type Client, type ClientOf, createClient, createClientOf, type Noun } from './client.js';
export type { AnyMessage } from './codec.js';
export type { CallOptions, ClientOptions } from './connection.js';
export { type Code, type FieldViolation, isReason, MillraceError } from './millrace-error.js';
export type { Page, Pages } from './pages.js';
export { type CellType, type CellValue, type Predict, type PredictOptions, predictor, type Predicts } from './predictor.js';
export type { RetryPolicy } from './retry.js';
export type { Call } from './rpc.js';
export type { Asked, Input, OneOf } from './shapes.js';
