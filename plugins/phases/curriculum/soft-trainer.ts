import type { PlanContext } from '../../../core/contracts/phase.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { DISTILLATION, softTargets } from '../../../nn/objectives/index.js';
import { inGroup, type HostBatch, type Trainer } from '../../../nn/training/index.js';
import { teachingAlike } from '../shared/baking/work.js';
import { openTrainer, type TrainerParts } from '../shared/training/trainer.js';

/**
 * A trainer for stretches that learn what a frozen model predicts. Its state has the tensors of the trainer whose parts it is
 * made of, so that either goes on where the other stands; the teacher is beside them. It is put on the engine when it is first
 * asked for.
 */
export class SoftTrainer {
  private opened: Trainer | null = null;

  constructor(
    private readonly ctx: Pick<PlanContext, 'resolve'>,
    private readonly parts: TrainerParts,
  ) {}

  /** @param teacher latents; it computes with them as the student does with its own */
  async with(teacher: TensorDict): Promise<Trainer> {
    const { objective, transform } = this.parts;
    this.opened ??= await openTrainer(this.ctx, {
      ...this.parts,
      reference: teacher,
      objective: teachingAlike(softTargets(objective), transform),
    });
    await this.opened.restore(inGroup('ref', teacher));
    return this.opened;
  }

  /** Mean KL(teacher || averages of a state) over the tokens with a target and the recursion steps, nats. */
  async divergence(teacher: TensorDict, state: TensorDict, batches: readonly HostBatch[]): Promise<number> {
    const trainer = await this.with(teacher);
    await trainer.restore(state);
    return (await trainer.evaluate('ema', batches)).metrics[DISTILLATION]!;
  }

  async dispose(): Promise<void> {
    await this.opened?.dispose();
  }
}
