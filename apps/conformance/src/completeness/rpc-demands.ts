import type { DeclaredRpc } from './contracts.js';
import { errorKey, type Seen, type SeenCall } from './seen.js';

/** The fields by which a request names a resource; the first that there is counts. */
export const NAME_FIELDS = ['name', 'parent', 'endpoint', 'pipeline', 'featureService'] as const;

/** RPCs whose name may be empty, or of many forms. */
const OTHER_NAMES: ReadonlySet<string> = new Set(['MonitorService/WatchAlerts', 'PipelinesService/GetLineage', 'DeadLetterService/GetDeadLetter', 'DeadLetterService/RetryDeadLetter']);

/** What one RPC must have been seen to do, in words. */
interface Demand {
  readonly what: string;
  readonly applies: (rpc: DeclaredRpc) => boolean;
  readonly met: (calls: readonly SeenCall[]) => boolean;
}

const field = (call: SeenCall, name: string): unknown => (call.request as Readonly<Record<string, unknown>>)[name];
const given = (call: SeenCall, name: string): boolean => (field(call, name) ?? '') !== '';
/** A list whose filters are richer says so in its own name. */
const FILTER = 'INVALID_FILTER';
const refusedAs = (reason: string) => (calls: readonly SeenCall[]): boolean => calls.some(({ error }) => error !== undefined && errorKey(error) === `millrace ${reason}`);
const answeredWith = (name: string) => (calls: readonly SeenCall[]): boolean => calls.some((call) => !call.error && given(call, name));

/** The name of the resource that an answer is, or that stands in it. */
const nameOf = (call: SeenCall): unknown => (call.response as { readonly name?: unknown } | undefined)?.name;

/** An id that was used twice and was answered with the same resource both times. */
function repeats(calls: readonly SeenCall[]): boolean {
  const first = new Map<unknown, unknown>();
  return calls.some((call) => {
    if (call.error || !given(call, 'requestId')) return false;
    const id = field(call, 'requestId');
    if (first.has(id) && first.get(id) === nameOf(call)) return true;
    first.set(id, nameOf(call));
    return false;
  });
}

const DEMANDS: readonly Demand[] = [
  { what: 'is answered', applies: () => true, met: (calls) => calls.some(({ error }) => !error) },
  { what: 'turns a page', applies: ({ fields }) => fields.has('pageToken'), met: answeredWith('pageToken') },
  { what: 'refuses a page token that it did not make', applies: ({ fields }) => fields.has('pageToken'), met: refusedAs('INVALID_PAGE_TOKEN') },
  { what: 'refuses a negative page size', applies: ({ fields }) => fields.has('pageSize'), met: refusedAs('INVALID_PAGE_SIZE') },
  { what: 'filters', applies: ({ fields }) => fields.has('filter'), met: answeredWith('filter') },
  { what: 'refuses a filter over a field that it does not have', applies: ({ fields }) => fields.has('filter'), met: (calls) => calls.some(({ error }) => error?.reason === FILTER) },
  { what: 'gives the first answer to a request id that comes again', applies: ({ fields }) => fields.has('requestId'), met: repeats },
  { what: 'takes the etag that is', applies: ({ fields }) => fields.has('etag'), met: answeredWith('etag') },
  { what: 'refuses an etag that was', applies: ({ fields }) => fields.has('etag'), met: (calls) => calls.some((call) => call.error?.code === 'ABORTED' && given(call, 'etag')) },
  { what: 'refuses a malformed name', applies: isNamed, met: refusedAs('INVALID_NAME') },
  { what: 'says that a resource is not there', applies: isNamed, met: (calls) => calls.some(({ error }) => error?.code === 'NOT_FOUND') },
];

/** Whether a request names one resource that must be there. */
export function isNamed({ rpc, texts }: DeclaredRpc): boolean {
  return !OTHER_NAMES.has(rpc) && NAME_FIELDS.some((name) => texts.has(name));
}

/** What an RPC should have been seen to do and was not, in words. */
export function missingOf(rpc: DeclaredRpc, seen: Seen): readonly string[] {
  const calls = seen.calls.filter((call) => call.rpc === rpc.rpc);
  return DEMANDS.filter(({ applies, met }) => applies(rpc) && !met(calls)).map(({ what }) => what);
}
