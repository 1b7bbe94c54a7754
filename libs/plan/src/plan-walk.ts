import { errors } from './errors.js';
import type { Bool, F32, F64, Named } from './expression.js';
import { Ir } from './ir.js';
import type { Bound, KindTable } from './kind.js';
import { kindOf } from './parse-plan.js';
import { type Plan, placeOf, type Step } from './plan.js';
import { trainingFold } from './training-fold.js';

/** A feature as it leaves a plan. */
export interface Feature {
  readonly name: string;
  readonly node: F32;
}

/** A rule of a plan that leaves rows out of training. */
export interface LeavingRule {
  /** How errors name its step. */
  readonly step: string;
  readonly column: string;
  /** Whether the rows are kept aside, and not only counted. */
  readonly aside: boolean;
}

/** Goes through a plan step by step and keeps the nodes of every column. */
export class PlanWalk {
  private readonly ir = new Ir();
  private readonly columns = new Map<string, Bound>();
  private readonly leaving: (LeavingRule & { readonly when: Bool })[] = [];

  /** The part of a training row. */
  readonly fold: F64 | undefined;

  /** With the column that orders the training rows, columns are those that a model trains on. */
  constructor(private readonly plan: Plan, private readonly kinds: KindTable, order?: string) {
    this.fold = order === undefined ? undefined : trainingFold(this.ir, order);
    for (const { name, type } of plan.inputs) this.columns.set(name, { name, members: [{ name, node: this.ir.col(name, type) }] });
  }

  /** What a step reads, integers as numbers. */
  inputs(step: Step): readonly Bound[] {
    return step.inputs.map((name) => this.numbers(name));
  }

  /** Adds what a step makes. */
  step(step: Step, state: unknown): void {
    const kind = kindOf(step, this.kinds);
    const inputs = this.inputs(step);
    for (const { column, aside, when } of kind.leaves?.(this.ir, state, inputs) ?? []) this.leaving.push({ step: placeOf(step), column, aside, when });
    const made = kind.lower(this.ir, state, inputs, this.fold);
    step.outputs.forEach((name, i) => {
      const members = made[i] ?? [];
      const [only] = members;
      // One column takes the name that the plan gives it; members of a family keep their own.
      this.columns.set(name, { name, members: members.length === 1 && only && !only.name.includes('=') ? [{ name, node: only.node }] : members });
    });
  }

  /** The rules so far that leave rows out of training. */
  get rules(): readonly LeavingRule[] {
    return this.leaving.map(({ step, column, aside }) => ({ step, column, aside }));
  }

  /** The number of the first rule that leaves a row out, missing where it stays; undefined where there is no rule. */
  get rule(): F64 | undefined {
    const { ir } = this;
    return this.leaving.length === 0 ? undefined : this.leaving.reduceRight<F64>((rest, { when }, i) => ir.when(when, ir.lit(i), rest), ir.lit(Number.NaN));
  }

  /** The features as float32, families as their members. */
  features(): readonly Feature[] {
    const members = this.plan.features.flatMap((name) => this.numbers(name).members);
    const twice = members.find(({ name }, i) => members.findIndex((member) => member.name === name) !== i);
    if (twice) throw errors.FEATURE_REPEATED({ feature: twice.name });
    if (members.length === 0) throw errors.FEATURES_MISSING({});
    return members.flatMap(({ name, node }) => (node.type === 'f64' ? [{ name, node: this.ir.f32(node) }] : []));
  }

  private numbers(name: string): Bound {
    const { members } = this.columns.get(name) ?? { members: [] };
    const type = new Map(this.plan.inputs.map((input) => [input.name, input.type]));
    const number = ({ name: member, node }: Named): Named =>
      node.type === 'i64' && node.op === 'col' && type.get(node.name) === 'INT64' ? { name: member, node: this.ir.i2d(node) } : { name: member, node };
    return { name, members: members.map(number) };
  }
}
