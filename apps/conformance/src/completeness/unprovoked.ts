/** Errors that nobody can bring about by calling the services, and the spec that brings them about. */
export interface Unprovoked {
  readonly domain: string;
  readonly reasons: readonly string[];
  /** Why no caller meets them in a sound home. */
  readonly why: string;
  /** Path from the root of the repository. It names each reason, unless a text of it that shows the error follows after ": ". */
  readonly spec: string;
}

/** What excuses an error from being raised by a case. */
export interface Excuses {
  readonly proven: readonly Unprovoked[];
  readonly owed: readonly Omit<Unprovoked, 'spec'>[];
}

/** Errors that specs bring about. */
export const PROVEN_BY_SPECS: readonly Unprovoked[] = [
  { domain: 'features.millrace', reasons: ['PUSHES_FORGOTTEN'], why: 'it needs a month of pushes', spec: 'apps/feature-store/src/online/online.suite.ts' },
  { domain: 'gateway.millrace', reasons: ['DESCRIPTORS_MISSING', 'ANNOTATION_INVALID'], why: 'a process says it before it serves', spec: 'apps/gateway/src/binding.spec.ts' },
  { domain: 'gateway.millrace', reasons: ['SERVICE_UNREACHABLE'], why: 'it needs a service that is away', spec: 'apps/gateway/src/gateway.spec.ts' },
  { domain: 'gateway.millrace', reasons: ['STREAMS_EXHAUSTED'], why: 'it needs hundreds of streams', spec: 'apps/gateway/src/event-streams.spec.ts' },
  { domain: 'service.millrace', reasons: ['HOST_UNKNOWN'], why: 'it needs a name that leads here', spec: 'libs/service/src/http-doors.spec.ts: is not called' },
  { domain: 'inference.millrace', reasons: ['ENDPOINT_NOT_READY'], why: 'it needs a model that cannot be loaded', spec: 'apps/inference/src/endpoint.service.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['SOURCE_NOT_FOUND', 'SOURCE_CHANGED'], why: 'it needs a source that changes while it is read', spec: 'apps/ingestion/src/refusals.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['SOURCE_TOO_LARGE'], why: 'it needs a source of a gigabyte', spec: 'apps/ingestion/src/reading/bombs.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['PUSH_FULL'], why: 'it needs a quarter of a gigabyte of rows', spec: 'apps/ingestion/src/pushing/push.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['SOURCE_OFFSETS_GONE'], why: 'it needs brokers of somebody else', spec: 'apps/ingestion/src/reading/kafka-source.int.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['SOURCE_UNREACHABLE'], why: 'it needs a database of somebody else', spec: 'apps/ingestion/src/reading/sources.int.spec.ts' },
  { domain: 'ingestion.millrace', reasons: ['ROLLUP_TOO_LARGE'], why: 'it needs a million rows', spec: 'apps/ingestion/src/rollup/roll-up.spec.ts: windows of groups, more than' },
  { domain: 'pipelines.millrace', reasons: ['PARITY_BROKEN'], why: 'it needs a serving path that errs', spec: 'apps/pipelines/src/run.service.spec.ts: as in batch; the largest difference' },
  { domain: 'events.millrace', reasons: ['RECORD_TOO_LARGE', 'TOPIC_NAME_INVALID', 'BUS_CLOSED'], why: 'callers do not touch the bus', spec: 'libs/events/src/bus.suite.ts' },
  { domain: 'events.millrace', reasons: ['EVENT_UNREADABLE'], why: 'callers do not touch the bus', spec: 'libs/events/src/event.spec.ts' },
  { domain: 'events.millrace', reasons: ['GROUP_TAKEN', 'BUS_OVERLOADED', 'BUS_NEWER'], why: 'callers do not touch the bus', spec: 'libs/events/src/embedded-bus.spec.ts' },
  { domain: 'events.millrace', reasons: ['KAFKA_UNREACHABLE'], why: 'callers do not touch the bus', spec: 'libs/events/src/kafka-bus.int.spec.ts' },
  { domain: 'jobs.millrace', reasons: ['INVALID_JOB_ID', 'JOB_RUNNING', 'JOB_FAILED', 'JOB_CRASHED', 'JOB_LOST', 'JOB_STALLED', 'JOB_TIMED_OUT', 'JOB_OUT_OF_MEMORY', 'RUNNER_CLOSED'], why: 'callers do not touch the runner: a job fails with these when its process is killed, starved or never ends', spec: 'libs/jobs/src/job-runner.spec.ts' },
  { domain: 'ml.millrace', reasons: ['NOT_SOLVABLE'], why: 'the trainer gives estimators and summaries what fits them', spec: 'libs/ml/src/evaluation/evaluate-models.spec.ts: say the same.' },
  { domain: 'ml.millrace', reasons: ['ROWS_UNEVEN'], why: 'the trainer gives estimators and summaries what fits them', spec: 'libs/ml/src/evaluation/evaluate-models.spec.ts: rows, the target has' },
  { domain: 'ml.millrace', reasons: ['SUMMARY_INVALID'], why: 'the trainer gives estimators and summaries what fits them', spec: 'libs/ml/src/drift/window-summary.spec.ts: This is no' },
  { domain: 'ml.millrace', reasons: ['SMOTE_TOO_MANY'], why: 'it needs a hundred thousand rows of the smaller class', spec: 'libs/ml/src/resample/resample.spec.ts' },
  { domain: 'trees.ml.millrace', reasons: ['TREES_PARAM', 'TREES_SHAPE', 'TREES_TARGET'], why: 'the trainer gives the trees what fits them', spec: 'libs/ml/src/trees/trees-fit.spec.ts' },
  { domain: 'trees.ml.millrace', reasons: ['TREES_MEMORY'], why: 'the trainer gives the trees what fits them', spec: 'libs/ml/src/trees/grow-plan.spec.ts' },
  { domain: 'trees.ml.millrace', reasons: ['TREES_BYTES'], why: 'the trainer gives the trees what fits them', spec: 'libs/ml/src/trees/trees-bytes.spec.ts' },
  { domain: 'objects.millrace', reasons: ['OBJECT_CORRUPT', 'INVALID_MANIFEST_NAME', 'MANIFEST_CORRUPT', 'DISK_FULL'], why: 'it needs a damaged disk, a full one, or another bucket', spec: 'libs/objects/src/local-objects.spec.ts' },
  { domain: 'objects.millrace', reasons: ['BUCKET_UNREACHABLE', 'BUCKET_DENIED', 'BUCKET_NOT_FOUND'], why: 'it needs a damaged disk, a full one, or another bucket', spec: 'libs/objects/src/s3-objects.int.spec.ts' },
  { domain: 'onnx.millrace', reasons: ['ONNX_NAME_TAKEN'], why: 'the trainer builds graphs that are sound', spec: 'libs/onnx/src/graph.spec.ts: already has a value' },
  { domain: 'onnx.millrace', reasons: ['ONNX_TENSOR_SHAPE'], why: 'the trainer builds graphs that are sound', spec: 'libs/onnx/src/graph.spec.ts: values; it must have' },
  { domain: 'plan.millrace', reasons: ['FIT_OVERFLOW'], why: 'the trainer asks nothing of a plan that could raise it', spec: 'libs/plan/src/plans.spec.ts' },
  { domain: 'plan.millrace', reasons: ['SAMPLE_TOO_MANY_STRATA'], why: 'it needs more strata than cases have rows', spec: 'libs/plan/src/kinds/sample.spec.ts: more than 10000 strata' },
  { domain: 'plan.millrace', reasons: ['FIT_NO_TARGET'], why: 'the trainer always names the target', spec: 'libs/plan/src/kinds/target.spec.ts: it learns from the target' },
  { domain: 'plan.millrace', reasons: ['FORMULA_INVALID'], why: 'it reaches callers as the detail of PLAN_INVALID', spec: 'libs/plan/src/kinds/expression.spec.ts: of the formula: nothing equals null' },
  { domain: 'plan.millrace', reasons: ['COLUMN_MISSING'], why: 'the trainer asks nothing of a plan that could raise it', spec: 'libs/plan/src/fit-plan.spec.ts: ) is missing' },
  { domain: 'plan.millrace', reasons: ['EXPRESSION_INVALID'], why: 'the trainer asks nothing of a plan that could raise it', spec: 'libs/plan/src/parse-plan.spec.ts: ; it takes' },
  { domain: 'rpc.millrace', reasons: ['INTERNAL', 'SHUTTING_DOWN', 'CALL_CUT_OFF', 'NOT_SERVED', 'ADDRESS_IN_USE'], why: 'it needs a client or a server of another kind, or one that ends', spec: 'libs/rpc/src/rpc-host.spec.ts' },
  { domain: 'rpc.millrace', reasons: ['REQUEST_UNREADABLE'], why: 'it needs a client or a server of another kind, or one that ends', spec: 'libs/rpc/src/rpc-host.spec.ts: cannot be read:' },
  { domain: 'scoring.millrace', reasons: ['SCORER_CLOSED', 'SCORING_FAILED'], why: 'it needs a model that cannot be run, or a scorer that is let go', spec: 'libs/scoring/src/scorer.spec.ts' },
  { domain: 'service.millrace', reasons: ['CONFIGURATION_INVALID', 'HTTP_ADDRESS_IN_USE', 'SHUTTING_DOWN', 'CONTROLLER_MISSING', 'SERVICE_ADDRESS_MISSING'], why: 'a process says it before it serves', spec: 'libs/service/src/run-services.spec.ts' },
  { domain: 'millrace', reasons: ['INTERNAL'], why: 'callers get INTERNAL for faults of ours only', spec: 'libs/service/src/job-store.spec.ts' },
  { domain: 'store.millrace', reasons: ['STORE_FULL', 'STORE_BUSY', 'STORE_CORRUPT', 'STORE_UNREADABLE', 'STORE_BAD_PARAMETER', 'QUERY_FAILED'], why: 'it needs a database that is damaged, full, slow or away', spec: 'libs/store/src/sqlite.spec.ts' },
  { domain: 'store.millrace', reasons: ['STORE_UNREACHABLE', 'STORE_REFUSED', 'STORE_TIMEOUT'], why: 'it needs a database that is damaged, full, slow or away', spec: 'libs/store/src/postgres.int.spec.ts' },
  { domain: 'store.millrace', reasons: ['STORE_NEWER', 'STORE_MIGRATION_ORDER', 'STORE_MIGRATION_FAILED', 'STORE_NESTED'], why: 'it needs a database that is damaged, full, slow or away', spec: 'libs/store/src/store.suite.ts' },
  { domain: 'store.millrace', reasons: ['STORE_RELAY_EXISTS'], why: 'it needs a database that is damaged, full, slow or away', spec: 'libs/store/src/store.suite.ts: already has a' },
  { domain: 'store.millrace', reasons: ['THREAD_LOST'], why: 'it needs a database that is damaged, full, slow or away', spec: 'libs/store/src/thread.spec.ts' },
  { domain: 'tables.millrace', reasons: ['OUT_OF_MEMORY', 'SPILL_FULL', 'CANCELLED', 'PARQUET_INVALID', 'FILE_NOT_FOUND', 'FILE_NOT_ALLOWED', 'SQL_INVALID', 'VALUE_INVALID', 'TYPE_UNSUPPORTED', 'COLUMNS_UNEVEN', 'COLUMN_TWICE', 'CLOSED', 'NO_OBJECTS'], why: 'services ask only what is sound, and translate what sources provoke', spec: 'libs/tables/src/tables.spec.ts' },
  { domain: 'features.millrace', reasons: ['ONLINE_UNREACHABLE', 'ONLINE_FULL', 'ONLINE_FORMAT_UNKNOWN', 'ONLINE_NOT_RESTORABLE'], why: 'it needs a Redis that is away, full, or has lost what it had', spec: 'apps/feature-store/src/online/redis/redis-loss.int.spec.ts' },
  { domain: 'features.millrace', reasons: ['ONLINE_REFUSED'], why: 'it needs a Redis that refuses', spec: 'apps/feature-store/src/online/redis/redis-loss.int.spec.ts: the server is a' },
  { domain: 'features.millrace', reasons: ['ONLINE_EVICTS'], why: 'it needs a Redis that is set to forget', spec: 'apps/feature-store/src/online/redis/redis-loss.int.spec.ts: set maxmemory-policy to' },
  { domain: 'features.millrace', reasons: ['ONLINE_VALUE_DAMAGED'], why: 'it needs a damaged value', spec: 'apps/feature-store/src/online/redis/packed-entity.spec.ts: materialise the view again.' },
  { domain: 'inference.millrace', reasons: ['NOT_EXPLAINABLE'], why: 'it needs a version that was registered without a reference', spec: 'apps/inference/src/explainer.spec.ts' },
  { domain: 'rpc.millrace', reasons: ['PEER_NOT_TRUSTED', 'CONNECTION_CLOSED'], why: 'it needs another certificate', spec: 'libs/rpc/src/rpc-tls.spec.ts' },
  { domain: 'rpc.millrace', reasons: ['ADDRESSES_INVALID'], why: 'a process says it before it serves', spec: 'libs/rpc/src/target.spec.ts' },
  { domain: 'store.millrace', reasons: ['LEASE_LOST'], why: 'it needs an instance that stands still', spec: 'libs/store/src/leases.spec.ts' },
  { domain: 'tls.millrace', reasons: ['FILE_UNREADABLE', 'CERTIFICATE_UNREADABLE', 'CERTIFICATE_OUTDATED', 'KEY_UNREADABLE', 'KEY_MISMATCH', 'SECRET_EMPTY'], why: 'a process says it before it serves', spec: 'libs/tls/src/live-tls.spec.ts' },
  { domain: 'events.millrace', reasons: ['KAFKA_UNTRUSTED', 'KAFKA_DENIED'], why: 'it needs brokers that are not trusted, or that let nobody in', spec: 'libs/events/src/kafka-tls.int.spec.ts' },
  { domain: 'objects.millrace', reasons: ['BUCKET_UNTRUSTED'], why: 'it needs a server that is not trusted', spec: 'libs/objects/src/s3-tls.int.spec.ts' },
  { domain: 'service.millrace', reasons: ['DATA_DIR_IN_USE'], why: 'a process says it before it serves', spec: 'libs/service/src/instance.spec.ts' },
  { domain: 'service.millrace', reasons: ['CERTIFICATE_REQUIRED'], why: 'it needs a server that asks for certificates', spec: 'libs/service/src/run-services-tls.spec.ts' },
  { domain: 'store.millrace', reasons: ['STORE_UNTRUSTED'], why: 'it needs a database that is not trusted', spec: 'libs/store/src/postgres-tls.int.spec.ts' },
  { domain: 'store.millrace', reasons: ['STORE_TLS_UNCLEAR'], why: 'a process says it before it serves', spec: 'libs/store/src/postgres-tls.int.spec.ts: the certificate and the' },
];

/** Errors that nothing brings about yet: a debt that may only shrink. */
export const OWED: Excuses['owed'] = [
  { domain: 'ingestion.millrace', reasons: ['DATASET_CHANGED', 'COUNTS_DO_NOT_ADD_UP'], why: 'it needs a source that changes while it is read' },
  { domain: 'events.millrace', reasons: ['RECORD_MALFORMED', 'KAFKA_REFUSED'], why: 'callers do not touch the bus' },
  { domain: 'jobs.millrace', reasons: ['JOB_NOT_FOUND', 'DISK_FULL'], why: 'callers do not touch the runner: a job fails with these when its process is killed, starved or never ends' },
  { domain: 'ml.millrace', reasons: ['TOO_MANY_FEATURES'], why: 'the trainer gives estimators and summaries what fits them' },
  { domain: 'trees.ml.millrace', reasons: ['TREES_WORKER'], why: 'the trainer gives the trees what fits them' },
  { domain: 'objects.millrace', reasons: ['BUCKET_ELSEWHERE', 'CREDENTIALS_EXPIRED', 'CREDENTIALS_MISSING', 'BUCKET_FULL'], why: 'it needs a damaged disk, a full one, or another bucket' },
  { domain: 'onnx.millrace', reasons: ['ONNX_VALUE_UNKNOWN', 'ONNX_STRING_INVALID'], why: 'the trainer builds graphs that are sound' },
  { domain: 'plan.millrace', reasons: ['FITTED_INVALID'], why: 'the trainer asks nothing of a plan that could raise it' },
  { domain: 'scoring.millrace', reasons: ['RUNTIME_MISSING'], why: 'it needs a model that cannot be run, or a scorer that is let go' },
  { domain: 'store.millrace', reasons: ['STORE_IO_FAILED', 'STORE_CONFLICT', 'STORE_CLOSED', 'UNIQUE_VIOLATION', 'CONSTRAINT_VIOLATION'], why: 'it needs a database that is damaged, full, slow or away' },
  { domain: 'tables.millrace', reasons: ['DISK_FULL', 'TOO_MANY_COLUMNS'], why: 'services ask only what is sound, and translate what sources provoke' },
  { domain: 'features.millrace', reasons: ['ONLINE_BUSY'], why: 'it needs values that change faster than they are read' },
  { domain: 'jobs.millrace', reasons: ['JOB_ABANDONED'], why: 'it needs a job that ends every instance that takes it' },
];
