import type { StepKind } from '../pipeline.js';
import { certify } from './certify.js';
import { deploy } from './deploy.js';
import { features } from './features.js';
import { ingest } from './ingest.js';
import { materialize } from './materialize.js';
import { monitor } from './monitor.js';
import { register } from './register.js';
import type { Step } from './step.js';
import { train } from './train.js';
import { trainingSet } from './training-set.js';

/** Every kind of step: a new one is a file and a line here. */
export const STEPS: Readonly<Record<StepKind, Step>> = { ingest, features, training_set: trainingSet, train, register, certify, materialize, deploy, monitor };
