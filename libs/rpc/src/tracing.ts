import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Observer } from './observer.js';

const tracer = () => trace.getTracer('millrace');

/** Makes a span of every call and carries its context across by `traceparent`. Does nothing when no telemetry was started. */
export const tracing: Observer = {
  begin({ service, method, side, transport }, metadata) {
    const outer = side === 'server' && transport === 'grpc' ? propagation.extract(context.active(), metadata) : context.active();
    const span = tracer().startSpan(`${service}/${method}`, { kind: side === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes: { 'rpc.system.name': transport === 'grpc' ? 'grpc' : 'millrace', 'rpc.method': `${service}/${method}` } }, outer);
    const inner = trace.setSpan(outer, span);
    if (side === 'client') propagation.inject(inner, metadata);
    return {
      run: (work) => context.with(inner, work),
      end: (error) => {
        span.setAttribute('rpc.status_code', error?.code ?? 'OK');
        endSpan(span, error);
      },
    };
  },
};

/** The trace under way as a W3C traceparent; undefined when there is none. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'];
}

/** The id of the trace under way; empty when there is none. */
export const currentTraceId = (): string => trace.getActiveSpan()?.spanContext().traceId ?? '';

/** Goes on with a trace that came by event, job or file: runs `work` in a span of its own. */
export async function withTraceparent<T>(traceparent: string | undefined, name: string, work: () => Promise<T>, kind: SpanKind = SpanKind.INTERNAL): Promise<T> {
  const outer = traceparent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent });
  const span = tracer().startSpan(name, { kind }, outer);
  try {
    const value = await context.with(trace.setSpan(outer, span), work);
    endSpan(span, undefined);
    return value;
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

function endSpan(span: Span, error: unknown): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
  span.end();
}
