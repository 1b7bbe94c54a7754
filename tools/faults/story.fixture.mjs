/** What a small sound story has left: one version of the data, one of the model, two predictions with their labels, one window that raised an alert and fired. */
export function soundFacts() {
  const run = { id: 'r1', name: 'pipelineRuns/r1', state: 'SUCCEEDED', final: true, requestId: 'first-run', status: {}, outcome: { decision: 'PROMOTED', modelVersion: 'models/m/versions/1' } };
  const retrain = { ...run, id: 'r2', name: 'pipelineRuns/r2', requestId: 'firing-f1', outcome: { decision: 'REFUSED', modelVersion: '' } };
  const drift = { kind: 'DRIFT', resource: 'reports/w1' };
  const tell = (kind, about, id = `${kind}-1`) => ({ id, kind, where: 'bus', about });
  return {
    integrity: [{ name: 'events', verdict: 'ok' }],
    holes: [],
    deadLetters: [],
    lags: [{ group: 'monitor-observations', topic: 'millrace.inference.v1', lag: 0 }],
    outboxes: [{ service: 'inference', waiting: 0 }],
    spooled: [],
    announcements: [
      tell('DatasetVersionCreated', ['datasets/d/versions/1']),
      tell('ModelVersionRegistered', ['models/m/versions/1']),
      tell('PipelineRunStarted', ['pipelineRuns/r1']),
      tell('PipelineRunFinished', ['pipelineRuns/r1']),
      tell('PipelineRunStarted', ['pipelineRuns/r2'], 'PipelineRunStarted-2'),
      tell('PipelineRunFinished', ['pipelineRuns/r2'], 'PipelineRunFinished-2'),
      tell('PredictionsLogged', ['p1', 'p2']),
      tell('LabelsReceived', ['p1', 'p2']),
      tell('EndpointChanged', ['endpoints/e revision 1']),
      tell('DriftDetected', ['reports/w1']),
      tell('AlertRaised', ['alerts/a1']),
    ],
    inbox: [
      ...['PredictionsLogged-1', 'LabelsReceived-1'].map((id) => ({ service: 'monitor', consumer: 'monitor', id })),
      ...['DatasetVersionCreated-1', 'DriftDetected-1'].map((id) => ({ service: 'pipelines', consumer: 'triggers', id })),
    ],
    jobs: { ingestionRuns: [], trainingSets: [], materializations: [], trainingJobs: [], pipelineRuns: [run, retrain] },
    versions: [{ name: 'datasets/d/versions/1', objects: [{ digest: 'sha256:aa' }] }],
    evaluations: [],
    modelVersions: [{ name: 'models/m/versions/1', origin: { pipelineRun: 'pipelineRuns/r1' }, artifact: { digest: 'sha256:bb' } }],
    aliasMoves: [],
    experimentRuns: [],
    metricPoints: ['r auc 0'],
    predictions: ['p1', 'p2'],
    labels: new Map([['p1', 1], ['p2', 0]]),
    aliases: new Map([['models/m/aliases/champion', 'models/m/versions/1']]),
    endpoints: [{ name: 'endpoints/e', revision: 1, artifact: 'sha256:bb', alias: 'models/m/aliases/champion', modelVersion: 'models/m/versions/1' }],
    observed: [{ id: 'p1', time: 10 }, { id: 'p2', time: 11 }],
    waitingLabels: [],
    windows: [{ name: 'reports/w1', from: 0, to: 100, state: 'CLOSED', predictions: 2, labels: 2, alerts: ['a1'] }],
    alerts: [{ name: 'alerts/a1', id: 'a1', kind: 'DRIFT' }],
    pipelineVersions: ['pipelines/p/versions/1'],
    firings: [
      { id: 'f0', name: 'firings/f0', trigger: 'p.new-data', decision: 'DROPPED', why: 'trained on already', cause: { kind: 'NEW_DATA', resource: 'datasets/d/versions/1' }, pipelineRun: '' },
      { id: 'f1', name: 'firings/f1', trigger: 'p.drift', decision: 'STARTED', why: '', cause: drift, pipelineRun: 'r2' },
    ],
    pushes: ['push-1 departures'],
    objects: { digests: new Set(['sha256:aa', 'sha256:bb']), corrupt: [], manifests: new Map([['ingestion/datasets/d/versions/1', ['sha256:aa']], ['registry/models/m/b', ['sha256:bb']]]), halfWritten: [] },
    jobDirectories: [],
    processes: [],
    online: [{ view: 'departures', airport: 'ORD', counted: 3, came: 3 }],
  };
}

/** What the services had acknowledged of it. */
export function acknowledged() {
  return {
    answered: new Map([['p1', 0], ['p2', 0]]),
    confirmed: new Set(['p1']),
    lost: new Set(),
    spooled: new Set(['p2']),
    labels: new Map([['p1', 1], ['p2', 0]]),
    pushes: new Map([['push-1', { views: ['departures'], flights: [] }]]),
    names: new Map([
      ['datasetVersion', new Map([['datasets/d/versions/1', '']])],
      ['endedRun', new Map([['pipelineRuns/r1', 'SUCCEEDED models/m/versions/1']])],
      ['report', new Map([['reports/w1', '']])],
      ['firing', new Map([['firings/f1', 'pipelineRuns/r2']])],
    ]),
  };
}
