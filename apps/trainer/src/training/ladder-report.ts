import type { ThresholdCounts } from '@millrace/ml';
import type { SampleRecord } from '@millrace/plan';

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly metric: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The difference of one metric to another model on the same rows; positive means better. */
export interface PairedDifference {
  readonly baseline: string;
  readonly difference: Estimate;
}

/** One sub-population. */
export interface SliceReport {
  readonly column: string;
  readonly value: string;
  readonly rows: number;
  readonly metrics: readonly Estimate[];
  /** Mean score; not there in reports of before there were all slices. */
  readonly predicted?: number;
  /** Share of 1; there where `predicted` is. */
  readonly observed?: Omit<Estimate, 'metric'>;
}

/** One bin of the reliability table. */
export interface CalibrationBin {
  readonly predicted: number;
  readonly observed: number;
  readonly rows: number;
}

/** One rung's figures. */
export interface RungReport {
  readonly rung: string;
  readonly metrics: readonly Estimate[];
  readonly differences: readonly PairedDifference[];
  readonly worstSlices: readonly SliceReport[];
  readonly calibration: readonly CalibrationBin[];
  /** Lowest first; not there, as what follows, in reports of before they were kept. */
  readonly thresholds?: readonly ThresholdCounts[];
  readonly averagePrecision?: number;
  readonly slices?: readonly SliceReport[];
}

/** One condition of the gate. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number;
  readonly threshold: number;
  readonly why: string;
}

/** Whether the challenger may go on. */
export interface GateVerdict {
  readonly passed: boolean;
  readonly checks: readonly GateCheck[];
}

/** How the rungs of a ladder did on the same rows; plain JSON. */
export interface LadderReport {
  readonly rows: number;
  readonly positiveShare: number;
  readonly rungs: readonly RungReport[];
  readonly gate: GateVerdict;
  /** What the plan's samples drew; not there in reports of before there were samples. */
  readonly samples?: readonly SampleRecord[];
}
