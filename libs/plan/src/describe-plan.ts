import { errors } from './errors.js';
import type { KindTable, Role } from './kind.js';
import { KINDS } from './kinds/kinds.js';
import { kindOf, outputsOf } from './parse-plan.js';
import type { Plan, PlanColumn } from './plan.js';

/** A column where it is read, and the step that makes it; undefined for an input of the plan. */
export interface PlanFlow {
  readonly column: PlanColumn;
  readonly from: string | undefined;
}

/** A step with the columns that flow into it and out of it. */
export interface DescribedStep {
  readonly id: string;
  readonly kind: string;
  readonly role: Role;
  readonly inputs: readonly PlanFlow[];
  readonly outputs: readonly PlanColumn[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** A plan as a graph, with the schema on each edge. */
export interface PlanGraph {
  readonly inputs: readonly PlanColumn[];
  readonly steps: readonly DescribedStep[];
  readonly features: readonly PlanFlow[];
}

/** Describes a plan without running it: what flows from which step into which. */
export function describePlan({ inputs, steps, features }: Plan, { kinds = KINDS }: { readonly kinds?: KindTable } = {}): PlanGraph {
  const scope = new Map<string, PlanColumn>(inputs.map((column) => [column.name, column]));
  const makers = new Map<string, string>();
  const flowOf = (name: string, place: string): PlanFlow => {
    const column = scope.get(name);
    if (!column) throw errors.COLUMN_UNKNOWN({ place, column: name, columns: [...scope.keys()].join(', ') });
    return { column, from: makers.get(name) };
  };
  const described = steps.map((step): DescribedStep => {
    const { id, kind, options } = step;
    const flows = step.inputs.map((name) => flowOf(name, `step "${id}" (${kind})`));
    const outputs = outputsOf(step, scope, kinds);
    for (const output of outputs) {
      scope.set(output.name, output);
      makers.set(output.name, id);
    }
    return { id, kind, role: kindOf(step, kinds).role, inputs: flows, outputs, options };
  });
  return { inputs, steps: described, features: features.map((name) => flowOf(name, `features.${name}`)) };
}
