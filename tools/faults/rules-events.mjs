const succeeded = (jobs) => jobs.filter(({ state }) => state === 'SUCCEEDED').map(({ name }) => name);
const final = (jobs) => jobs.filter((job) => job.final).map(({ name }) => name);

/** The changes that each kind of event must have told of, by the keys of announcements.mjs. */
const CHANGES = {
  DatasetVersionCreated: ({ versions }) => versions.map(({ name }) => name),
  IngestionRunFailed: ({ jobs }) => jobs.ingestionRuns.filter((run) => run.final && run.state !== 'SUCCEEDED').map(({ name }) => name),
  FeatureViewMaterialized: ({ jobs }) => succeeded(jobs.materializations),
  TrainingSetCreated: ({ jobs }) => succeeded(jobs.trainingSets),
  TrainingJobFinished: ({ jobs }) => final(jobs.trainingJobs),
  EvaluationFinished: ({ evaluations }) => evaluations.map(({ name }) => name),
  ModelVersionRegistered: ({ modelVersions }) => modelVersions.map(({ name }) => name),
  ModelAliasMoved: ({ aliasMoves }) => aliasMoves,
  LabelsReceived: ({ labels }) => [...labels.keys()],
  EndpointChanged: ({ endpoints }) => endpoints.flatMap(({ name, revision }) => Array.from({ length: revision }, (_, i) => `${name} revision ${i + 1}`)),
  DriftDetected: (facts) => windowsWith(facts, 'DRIFT'),
  PerformanceDropped: (facts) => windowsWith(facts, 'PERFORMANCE'),
  AlertRaised: ({ alerts }) => alerts.map(({ name }) => name),
  PipelineRunStarted: ({ jobs }) => jobs.pipelineRuns.filter(({ state }) => state !== 'PENDING').map(({ name }) => name),
  PipelineRunFinished: ({ jobs }) => final(jobs.pipelineRuns),
};

/**
 * An event is saved with the change that caused it, so at any moment every change has exactly one event, in an outbox or on the bus, and every event its change.
 * The same event may lie there more than once: it is delivered at least once.
 */
export function checkEvents(findings, facts) {
  for (const [kind, changesOf] of Object.entries(CHANGES)) {
    const told = eventsByKey(facts, kind);
    const changes = new Set(changesOf(facts));
    for (const key of changes) {
      findings.that(told.has(key), 'no event lost', `${kind}: ${key} was changed and no event tells of it`);
      findings.that((told.get(key)?.size ?? 0) <= 1, 'no event doubled', `${kind}: ${[...(told.get(key) ?? [])].join(' and ')} all tell of ${key}`);
    }
    for (const [key, ids] of told) findings.that(changes.has(key), 'no event without its change', `${kind}: ${[...ids].join(' and ')} tells of ${key}, which is not there`);
  }
  // Predictions go another way: into the table first, then to the bus.
  const logged = new Set(facts.predictions);
  for (const [id, events] of eventsByKey(facts, 'PredictionsLogged')) {
    findings.that(logged.has(id), 'no event without its change', `PredictionsLogged: prediction ${id} is on the bus and not in the log`);
    findings.that(events.size === 1, 'no event doubled', `PredictionsLogged: ${[...events].join(' and ')} all hold prediction ${id}`);
  }
}

/** The ids of the events of one kind that tell of each key. */
export function eventsByKey({ announcements }, kind) {
  const told = new Map();
  for (const { id, kind: own, about } of announcements) {
    if (own !== kind) continue;
    for (const key of about) told.set(key, (told.get(key) ?? new Set()).add(id));
  }
  return told;
}

/** Closed windows in which an alert of a kind was raised or refreshed. */
function windowsWith({ windows, alerts }, kind) {
  const ids = new Set(alerts.filter((alert) => alert.kind === kind).map(({ id }) => id));
  return windows.filter((window) => window.state === 'CLOSED' && window.alerts.some((id) => ids.has(id))).map(({ name }) => name);
}
