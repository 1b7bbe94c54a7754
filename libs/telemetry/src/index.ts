export { startTelemetry, type Telemetry } from './telemetry.js';
export { currentTraceId, currentTraceparent, endSpan, tracer, withTraceparent } from './trace.js';
