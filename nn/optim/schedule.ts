export interface WarmupCosine {
  /** Updates of linear warm-up. */
  readonly warmupSteps: number;
  /** All updates, warm-up included. */
  readonly totalSteps: number;
  /** Share of the base rate left at the end. */
  readonly finalScale: number;
}

/**
 * Factor of the learning rate at an update: linear to 1 over the warm-up, then a cosine to `finalScale` at the last
 * update, and constant after it.
 *
 * @param step 1 at the first update
 */
export function warmupCosine(step: number, { warmupSteps, totalSteps, finalScale }: WarmupCosine): number {
  if (step <= warmupSteps) return step / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return finalScale + ((1 - finalScale) * (1 + Math.cos(Math.PI * progress))) / 2;
}

export interface WarmupLinear extends WarmupCosine {
  /** Updates of the cool-down. Default: all that the warm-up leaves. */
  readonly cooldownSteps?: number;
}

/**
 * Factor of the learning rate at an update: linear to 1 over the warm-up, 1 until the cool-down begins, then linear to
 * `finalScale` at the last update (the trapezoid of Zhai et al. 2022, "Scaling Vision Transformers"), and constant after
 * it.
 *
 * @param step 1 at the first update
 */
export function warmupLinear(
  step: number,
  { warmupSteps, totalSteps, finalScale, cooldownSteps = totalSteps }: WarmupLinear,
): number {
  if (step <= warmupSteps) return step / warmupSteps;
  const start = Math.max(warmupSteps, totalSteps - cooldownSteps);
  const progress = (step - start) / Math.max(1, totalSteps - start);
  return 1 - (1 - finalScale) * Math.min(1, Math.max(0, progress));
}
