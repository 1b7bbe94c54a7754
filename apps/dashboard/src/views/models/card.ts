import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Estimate, Evaluation, RungReport } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { count, fixed, interval, metricTitle, moment, numberOf, percent } from '../../text.js';
import { seenOf, typeOf } from './input-words.js';

/** One section of a card: sentences, and a table under them. */
export interface Section {
  readonly title: string;
  readonly says: readonly string[];
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** What a card is made of. */
export interface Known {
  readonly version: ModelVersion;
  /** What people wrote of the model and of the pipeline that makes it. */
  readonly purposes: readonly string[];
  readonly evaluation: Evaluation | undefined;
}

/** The title of a card. */
export const cardTitle = ({ name }: ModelVersion): string => `${name.split('/')[1] ?? ''} ${numberOf(name)}`;

/** A model card (Mitchell et al. 2019) of what the home knows of a version; what it does not know, it says. */
export function cardOf({ version, purposes, evaluation }: Known): readonly Section[] {
  const chosen = evaluation?.rungs.at(-1);
  return [intendedUse(version, purposes), data(version, evaluation), ...(evaluation && chosen ? [figures(evaluation, chosen), slices(chosen)] : []), inputs(version), limits(version, evaluation, chosen), origin(version)];
}

/** A card as Markdown. */
export const markdownOf = (title: string, sections: readonly Section[]): string =>
  [`# ${title}`, ...sections.flatMap(({ title: head, says, table }) => [`## ${head}`, ...says, ...(table && table.rows.length > 0 ? [tableText(table)] : [])])].join('\n\n') + '\n';

const tableText = ({ columns, rows }: NonNullable<Section['table']>): string => [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');

const intendedUse = ({ signature }: ModelVersion, purposes: readonly string[]): Section => ({
  title: 'Intended use',
  says: [...(purposes.length > 0 ? purposes : ['Nobody has written down what it is for: give the pipeline a description.']), `It answers one row at a time with ${signature?.outputs[0]?.name ?? 'score'}, the probability of the positive class. It decides nothing: whoever asks chooses the threshold.`],
});

function data({ origin }: ModelVersion, evaluation: Evaluation | undefined): Section {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['Dataset version', origin?.datasetVersion],
    ['Training set', origin?.trainingSet],
    ['Features', origin?.featureService],
  ];
  return {
    title: 'Data',
    says: evaluation ? [`Judged on ${count(evaluation.rows)} rows that no model of its ladder had seen, ${percent(evaluation.positiveShare)} of them positive.`] : ['It was registered without an evaluation.'],
    table: { columns: ['What', 'Name'], rows: parts.flatMap(([what, name]) => (name ? [[what, name]] : [])) },
  };
}

function figures({ gate }: Evaluation, { rung, metrics, differences, averagePrecision }: RungReport): Section {
  const against = differences.flatMap(({ baseline, difference }) => (difference ? [{ baseline, difference }] : [])).filter(({ difference }) => difference.metric === 'log_loss');
  return {
    title: 'How good it is',
    says: [
      `The model is the rung “${rung}”. Intervals are those of 95 %, of a paired block bootstrap.`,
      ...against.map(({ baseline, difference: { value, low, high } }) => `By log loss it is ${low > 0 ? 'better' : high < 0 ? 'worse' : 'not clearly different'} than ${baseline}: ${fixed(Math.abs(value))} ${value >= 0 ? 'less' : 'more'} (${fixed(low)} to ${fixed(high)}, positive is better).`),
      ...(gate ? [`The gate ${gate.passed ? 'let it pass' : 'did not let it pass'}: ${gate.checks.map(({ why }) => why).join('; ') || 'it asks for nothing'}.`] : []),
    ],
    table: {
      columns: ['Metric', 'Value', '95 % interval'],
      rows: [...metrics.map((estimate) => [metricTitle(estimate.metric), fixed(estimate.value), interval(estimate)]), ...(averagePrecision === undefined ? [] : [['Average precision', fixed(averagePrecision), '–']])],
    },
  };
}

function slices({ worstSlices }: RungReport): Section {
  const cells = (metrics: readonly Estimate[]): readonly string[] => {
    const loss = metrics.find(({ metric }) => metric === 'log_loss');
    return [fixed(loss?.value), loss ? interval(loss) : '–'];
  };
  return {
    title: 'Where it does worst',
    says: [worstSlices.length === 0 ? 'The gate names no columns to slice by, so that nobody has looked for groups in which it does badly.' : 'Groups with the largest log loss, of the columns that the gate names.'],
    table: { columns: ['Group', 'Rows', 'Log loss', '95 % interval'], rows: worstSlices.map(({ column, value, rows, metrics }) => [`${column} ${value}`, count(rows), ...cells(metrics)]) },
  };
}

const inputs = ({ signature }: ModelVersion): Section => ({
  title: 'Inputs',
  says: [],
  table: { columns: ['Input', 'Type', 'Required', 'Seen in training'], rows: (signature?.inputs ?? []).map((input) => [input.column?.name ?? '', typeOf(input), input.required ? 'yes' : 'no', seenOf(input)]) },
});

function limits({ certificate }: ModelVersion, evaluation: Evaluation | undefined, chosen: RungReport | undefined): Section {
  const unclear = chosen?.differences.filter(({ difference }) => difference && difference.metric === 'log_loss' && difference.low <= 0).map(({ baseline }) => baseline) ?? [];
  const calibration = chosen?.metrics.find(({ metric }) => metric === 'ece');
  return {
    title: 'Limits',
    says: [
      'What lies outside the inputs above was not in training: an answer about it is a guess, and the input guard of the endpoint tells so or refuses.',
      evaluation ? 'The figures are those of the rows that it was judged on; of other times and places they say nothing. A monitor watches whether they hold.' : 'Nothing is known of how good it is.',
      ...(unclear.length > 0 ? [`It is not clearly better than ${unclear.join(' and ')} by log loss.`] : []),
      ...(calibration ? [`On average its probabilities lie ${fixed(calibration.value)} away from the shares that were seen (calibration error).`] : []),
      certificate ? (certificate.equal === certificate.rows ? `Serving gave the bits of batch scoring for all of ${count(certificate.rows)} held-out rows.` : `Serving gave the bits of batch scoring for ${count(certificate.equal)} of ${count(certificate.rows)} held-out rows only.`) : 'Nobody has compared what serving answers with what batch scoring answered.',
      'Nobody has judged here whether its use is fair or lawful.',
    ],
  };
}

const origin = ({ name, origin: made, createTime, modelDigest, planDigest, tags }: ModelVersion): Section => ({
  title: 'Where it comes from',
  says: [],
  table: {
    columns: ['What', 'Is'],
    rows: (
      [
        ['Version', name],
        ['Made', moment(createTime)],
        ['Pipeline', tags['pipeline']],
        ['Pipeline run', made?.pipelineRun],
        ['Training job', made?.trainingJob],
        ['Evaluation', made?.evaluation],
        ['Code', made?.codeVersion],
        ['Model digest', modelDigest],
        ['Plan digest', planDigest],
      ] as const
    ).flatMap(([what, is]) => (is ? [[what, is]] : [])),
  },
});
