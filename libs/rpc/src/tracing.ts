import { endSpan, tracer, withTraceparent as inSpan } from '@millrace/telemetry';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { detached } from './call-scope.js';
import type { Observer } from './observer.js';

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

/** Goes on with a trace that came by event, job or file: runs `work` in a span of its own, as part of no call. */
export const withTraceparent = <T>(traceparent: string | undefined, name: string, work: () => Promise<T>, kind?: SpanKind): Promise<T> => detached(() => inSpan(traceparent, name, work, kind));
