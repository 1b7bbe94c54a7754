import type { PlanColumn as ColumnMessage, PlanDescription, PlanFlow as FlowMessage } from '@millrace/contracts/millrace/type/v1/plan';
import { canonicalJson } from '@millrace/core';
import { KINDS, type PlanColumn, type PlanFlow, shortState } from '@millrace/plan';
import type { DescribedPlan } from './plan.service.js';
import { TYPES } from './trainer.wire.js';

/** A plan as it travels. What learns nothing keeps its options as its state: they are told once. */
export const toPlanDescription = ({ digest, inputs, steps, features, states }: DescribedPlan): PlanDescription => ({
  digest,
  inputs: inputs.map(toColumn),
  steps: steps.map(({ id, kind, role, inputs: read, outputs, options }) => ({
    id,
    kind,
    role,
    inputs: read.map(toFlow),
    outputs: outputs.map(toColumn),
    optionsJson: canonicalJson(options),
    state: Object.hasOwn(states, id) && KINDS[kind]?.fit ? shortState(states[id], read.map(({ column }) => column.name)) : '',
  })),
  features: features.map(toFlow),
});

const toColumn = ({ name, type, nullable, family }: PlanColumn): ColumnMessage => ({ name, type: TYPES[type], nullable, family: family === true });
const toFlow = ({ column, from = '' }: PlanFlow): FlowMessage => ({ column: toColumn(column), from });
