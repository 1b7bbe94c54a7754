import type { DemoPlan } from './demo-plan.js';
import type { DemoSummary } from './summary.js';

/** What does not add up, in words; nothing when the story is whole. */
export function checkCounts({ ingestions, runs, traffic, windows, versions, lineage, alerts, skew }: DemoSummary, { minPredictions, minCompared }: Pick<DemoPlan, 'minPredictions' | 'minCompared'>): readonly string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  let rows = 0;
  for (const { datasetVersion, read, kept, duplicates, quarantined, versionRows } of ingestions) {
    expect(read > 0 && read === kept + duplicates + quarantined, `${datasetVersion}: read ${read} is not kept ${kept} + duplicates ${duplicates} + quarantined ${quarantined}`);
    rows += kept;
    expect(versionRows === rows, `${datasetVersion} has ${versionRows} rows, the runs kept ${rows}`);
  }
  const answered = traffic.rest + traffic.grpc;
  expect(answered >= minPredictions, `${answered} predictions are fewer than ${minPredictions}`);
  expect(Math.abs(traffic.rest - traffic.grpc) <= answered * 0.02, `${traffic.rest} predictions by REST and ${traffic.grpc} by gRPC are not half and half`);
  const sum = (of: (window: DemoSummary['windows'][number]) => number): number => windows.reduce((total, window) => total + of(window), 0);
  expect(sum(({ predictions }) => predictions) + sum(({ late }) => late) === answered, `the windows hold ${sum(({ predictions }) => predictions)} predictions and ${sum(({ late }) => late)} late ones, ${answered} were answered`);
  expect(sum(({ labels }) => labels) === traffic.labels, `the windows hold ${sum(({ labels }) => labels)} labels, ${traffic.labels} were accepted`);
  expect(traffic.labels + traffic.inTheAir === answered, `${traffic.labels} labels and ${traffic.inTheAir} flights in the air are not ${answered} predictions`);
  expect(windows.every(({ predictions, versions: by }) => Object.values(by).reduce((total, count) => total + count, 0) === predictions), 'in some window the predictions by version do not add up');
  const promoted = runs.filter(({ decision }) => decision === 'PROMOTED').length;
  expect(versions.length === promoted, `${promoted} runs promoted a version and the registry has ${versions.length}`);
  expect(versions.every(({ certificate }) => certificate !== '' && certificate.split('/')[0] === certificate.split('/')[1]), 'a version has no full parity certificate');
  expect(alerts.length > 0, 'no alert was raised');
  expect(runs.some(({ cause }) => cause === 'DRIFT' || cause === 'PERFORMANCE'), 'no alert has caused a run');
  expect(skew.rows >= minCompared, `${skew.rows} served rows were compared with history, at least ${minCompared} are asked for`);
  expect(skew.different === 0, `${skew.different} of ${skew.values} served values differ from history: ${skew.example}`);
  for (const kind of ['Prediction', 'ModelVersion', 'TrainingJob', 'TrainingSet', 'DatasetVersion', 'IngestionRun', 'FeatureService', 'PipelineRun']) expect(lineage.nodes.some((node) => node.kind === kind), `the lineage of ${lineage.of} holds no ${kind}`);
  return faults;
}
