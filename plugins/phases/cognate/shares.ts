import type { CognateOptions } from './options.js';
import { trunkSteps } from './setup.js';

/** A forward pass costs about a third of one with its backward pass. */
const FORWARD_COST = 1 / 3;
/** What is done once per model besides: probes, a sample, files. In updates. */
const CLOSING = 2;

/** What decides how long the parts of the phase take. */
export type Extent = Pick<
  CognateOptions,
  'maxSteps' | 'trunkFraction' | 'specializations' | 'fisherBatches' | 'training'
>;

/**
 * How much of the phase is done, 0..1: what every part costs is counted in updates, so that no part of it stands still
 * and no number ever goes back.
 */
export class PhaseShares {
  private readonly trunkSteps: number;
  private readonly evaluation: number;
  private readonly fisherBatch: number;
  private readonly branch: number;
  private readonly total: number;

  /** @param heldOutBatches of all datasets together */
  constructor(
    private readonly options: Extent,
    private readonly heldOutBatches: number,
  ) {
    const { maxSteps, fisherBatches, specializations, training } = options;
    this.trunkSteps = trunkSteps(options);
    this.evaluation = (heldOutBatches * FORWARD_COST) / training.accumulation;
    this.fisherBatch = 1 / training.accumulation;
    this.branch = maxSteps - this.trunkSteps + this.evaluation + fisherBatches * this.fisherBatch + CLOSING;
    this.total = this.evaluation + this.trunkSteps + specializations.length * this.branch;
  }

  /** Of the evaluation before anything is trained. */
  untrained(batches: number): number {
    return this.evaluated(batches) / this.total;
  }

  /** After an update of a stage: the trunk's, or that of a branch by its name. Updates count from the trunk's start. */
  trained(stage: string, step: number): number {
    const start = this.startOf(stage);
    const steps = start === null ? step : step - this.trunkSteps;
    return ((start ?? this.evaluation) + steps) / this.total;
  }

  /** @param batches done of all datasets together */
  measured(branch: string, batches: number): number {
    return (this.trainedBranch(branch) + this.evaluated(batches)) / this.total;
  }

  fisher(branch: string, batches: number): number {
    return (this.trainedBranch(branch) + this.evaluation + batches * this.fisherBatch) / this.total;
  }

  private evaluated(batches: number): number {
    return this.heldOutBatches === 0 ? 0 : (this.evaluation * batches) / this.heldOutBatches;
  }

  private trainedBranch(branch: string): number {
    return (this.startOf(branch) ?? 0) + this.options.maxSteps - this.trunkSteps;
  }

  /** Null for the trunk. */
  private startOf(stage: string): number | null {
    const index = this.options.specializations.findIndex(({ name }) => name === stage);
    return index < 0 ? null : this.evaluation + this.trunkSteps + index * this.branch;
  }
}
