import type { Command } from 'commander';

/** One command line for each command, as its help shows it. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  up: 'millrace up --data-dir /var/lib/millrace --source-root /data',
  init: 'millrace init --csv orders.csv --target returned',
  apply: 'millrace apply millrace.yaml --plan',
  schema: 'millrace schema > pipeline-file.json',
  run: 'millrace run late-flights --fresh',
  'run list': 'millrace run list --pipeline late-flights --state failed',
  'run show': 'millrace run show 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  'run watch': 'millrace run watch 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  'run cancel': 'millrace run cancel 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  logs: 'millrace logs 01a21e4a-e0d6-7000-b794-cab09fe1e982 --follow',
  'pipeline list': 'millrace pipeline list --json',
  'pipeline show': 'millrace pipeline show late-flights',
  'pipeline versions': 'millrace pipeline versions late-flights --limit 5',
  'pipeline pause': 'millrace pipeline pause late-flights',
  'pipeline resume': 'millrace pipeline resume late-flights',
  pause: 'millrace pause late-flights',
  resume: 'millrace resume late-flights',
  status: 'millrace status late-flights',
  lineage: 'millrace lineage late-flights@champion',
  demo: 'millrace demo --keep',
  'dataset list': 'millrace dataset list',
  'dataset show': 'millrace dataset show flights --column delay',
  'dataset diff': 'millrace dataset diff flights 1 latest',
  'dataset versions': 'millrace dataset versions flights --limit 5',
  'dataset quarantine': 'millrace dataset quarantine flights --version 2',
  'dataset duplicates': 'millrace dataset duplicates flights',
  'dataset ledger': 'millrace dataset ledger flights --limit 100',
  'dataset ingest': 'millrace dataset ingest flights flights.parquet --event-time date',
  'dataset rollup': 'millrace dataset rollup daily --of flights --by origin --every 1d --column flights=count mean_delay=mean:delay',
  'dataset inspect': 'millrace dataset inspect flights.csv',
  'generate client': 'millrace generate client late-flights@champion > late-flights.ts',
  'contract infer': 'millrace contract infer flights.csv',
  'feature list': 'millrace feature list --owner ann --tag domain:flights',
  'feature show': 'millrace feature show departures',
  'feature versions': 'millrace feature versions departures',
  'feature diff': 'millrace feature diff departures 1 2',
  'feature get': `millrace feature get late-flights --row '{"origin": "ORD", "destination": "LGA"}' --time 2001-06-30T23:00:00Z`,
  'feature explain': `millrace feature explain late-flights --row '{"origin": "ORD", "destination": "LGA"}' --time 2001-06-30T23:00:00Z --feature origin_mean_delay_3h`,
  'feature check': 'millrace feature check late-flights --sample 1000',
  'feature delete': 'millrace feature delete departures',
  materialize: 'millrace materialize departures arrivals',
  'pipeline delete': 'millrace pipeline delete late-flights --force',
  'model list': 'millrace model list',
  'model show': 'millrace model show late-flights@champion',
  'model versions': 'millrace model versions late-flights',
  'model alias': "millrace model alias late-flights champion 3 --reason 'it was better last week'",
  'model rollback': "millrace model rollback late-flights champion --reason 'too many false alarms'",
  'plan show': 'millrace plan show late-flights@champion',
  'endpoint list': 'millrace endpoint list',
  'endpoint delete': 'millrace endpoint delete late-flights',
  'endpoint show': 'millrace endpoint show late-flights',
  predict: `millrace predict late-flights --row '{"origin": "ORD", "distance": 733}' --time 2001-06-30T23:00:00Z`,
  feedback: 'millrace feedback late-flights --label 01a21e4a-e0d6-7000-b794-cab09fe1e982=1',
  'alert list': 'millrace alert list --state open',
  'alert show': 'millrace alert show 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  'alert acknowledge': 'millrace alert acknowledge 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  'alert mute': 'millrace alert mute 01a21e4a-e0d6-7000-b794-cab09fe1e982 --for 2d',
  'alert watch': 'millrace alert watch --since 2001-04-01',
  'alert resolve': 'millrace alert resolve 01a21e4a-e0d6-7000-b794-cab09fe1e982',
  'monitor list': 'millrace monitor list',
  'monitor show': 'millrace monitor show late-flights',
  'monitor reports': 'millrace monitor reports late-flights --limit 8',
  'events dlq list': 'millrace events dlq list --group monitor',
  'events dlq show': 'millrace events dlq show millrace.registry.v1:3:17',
  'events dlq retry': 'millrace events dlq retry --all --group monitor',
  export: 'millrace export --to moved',
  import: 'millrace import --from moved',
  completion: 'millrace completion bash > ~/.local/share/bash-completion/completions/millrace',
};

/** How an older spelling is written now: its help shows the example of that. */
const TODAY: Readonly<Record<string, string>> = { runs: 'run', reports: 'monitor reports' };

/** Puts the example of each command below its help. */
export function addExamples(command: Command, path: readonly string[] = []): void {
  const [first = '', ...rest] = path;
  const example = EXAMPLES[[TODAY[first] ?? first, ...rest].join(' ')];
  if (example !== undefined) command.addHelpText('after', `\nExample:\n  ${example}`);
  for (const each of command.commands) addExamples(each, [...path, each.name()]);
}
