import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { Child } from './breeder.js';
import { ranked, type Individual } from '../individuals/individual.js';
import type { EvomergeOptions } from '../options.js';
import { comboId } from './proposals.js';
import { recentGain, type SearchState } from './state.js';

/** Gain over five generations below which the documents call a search converged. */
const CONVERGED = { window: 5, minGain: 0.001 } as const;
/** Part of the phase, from and to, for its progress. */
export type Share = readonly [from: number, to: number];

/** Share of the phase that the search takes, and those of what comes after it. */
const SEARCH_SHARE = 0.9;
export const FINALE_SHARES: Readonly<Record<'holdout' | 'answers', Share>> = {
  holdout: [SEARCH_SHARE, 0.95],
  answers: [0.95, 0.99],
};
const SECONDS_PER_MINUTE = 60;
const BYTES_PER_MIB = 1024 * 1024;

/** What a generation's numbers need besides the state. */
export interface GenerationFacts {
  /** Individuals measured so far. */
  readonly evaluations: number;
  /** Mean divergence of predictions, nats; null where it was not measured this time. */
  readonly functional: number | null;
  readonly tokensPerSecond: number | null;
}

/** Tells sinks how the search goes: metrics of every generation, live progress. */
export class SearchReport {
  private readonly began = performance.now();
  private firstGeneration: number | null = null;
  private latest: SearchState | null = null;

  constructor(
    private readonly ctx: PhaseContext,
    private readonly options: EvomergeOptions,
  ) {}

  /**
   * While models are measured one by one; a pause may leave between them, for what was measured is measured again.
   * @param share of the phase that this takes, from and to; none before the search
   */
  async measuring(task: string, done: number, total: number, share?: Share): Promise<void> {
    const phaseFraction = share === undefined ? 0 : share[0] + ((share[1] - share[0]) * done) / total;
    this.ctx.progress({ task, done, total, unit: 'model', values: {}, etaSeconds: null, phaseFraction });
    await this.ctx.pausePoint(() => Promise.resolve());
  }

  /** While a generation is being made. */
  breeding(generation: number, done: number, total: number): void {
    const { generations } = this.options;
    const made = generation - 1 + done / total;
    this.progress(Math.max(0, made), generations);
  }

  /** Metrics of a finished generation. */
  generation(state: SearchState, children: readonly Child[], facts: GenerationFacts): void {
    const seconds = state.seconds - (this.latest?.seconds ?? 0);
    this.latest = state;
    const { generation } = state;
    const record = state.history.at(-1)!;
    const prefix = `generation_${String(generation).padStart(2, '0')}`;
    const emit = (name: string, value: number, unit?: string): void =>
      this.ctx.metric(name, value, { step: generation, ...(unit === undefined ? {} : { unit }) });
    emit(`${prefix}/best_fitness`, record.best);
    emit(`${prefix}/avg_fitness`, record.average);
    emit(`${prefix}/min_fitness`, record.minimum);
    emit(`${prefix}/max_fitness`, record.best);
    emit(`${prefix}/std_fitness`, record.deviation);
    emit(`${prefix}/diversity_score`, record.cosine);
    this.convergence(prefix, state);
    emit('evolution/generation', generation);
    emit('evolution/diversity', record.diversity);
    emit('evolution/unique_models', record.unique);
    emit('evolution/evaluations', facts.evaluations);
    if (facts.functional !== null) emit('evolution/functional_diversity', facts.functional);
    if (facts.tokensPerSecond !== null) emit('evolution/scored_tokens_per_second', facts.tokensPerSecond);
    emit('generation/mutation_count', record.mutated);
    emit('champion/fitness', state.champion.fitness);
    emit('champion/generation_found', state.champion.generation);
    emit('time/generation_duration_seconds', seconds);
    this.population(state, emit);
    this.labels(state, children, emit);
    this.progress(generation, this.options.generations);
  }

  private convergence(prefix: string, { history, generation }: SearchState): void {
    const { window, minGain } = this.options.earlyStop ?? CONVERGED;
    const gain = recentGain(history, window);
    const name = `${prefix}/convergence_indicator`;
    if (gain === null) {
      this.ctx.metric(name, null, { step: generation, reason: `needs ${window} generations` });
    } else {
      this.ctx.metric(name, gain <= minGain ? 1 : minGain / gain, { step: generation });
    }
  }

  private population(
    { population, generation, initialByLabel }: SearchState,
    emit: (name: string, value: number) => void,
  ): void {
    const [best, second, ...losers] = ranked(population);
    emit('fitness/best_perplexity', best!.measured.perplexity);
    if (best!.measured.accuracy !== null) emit('fitness/best_accuracy', best!.measured.accuracy);
    emit('fitness/best_memory_mb', best!.measured.bytes / BYTES_PER_MIB);
    emit('elite/fitness_1', best!.fitness);
    emit('elite/fitness_2', second!.fitness);
    if (losers.length > 0)
      emit('loser/avg_fitness', losers.reduce((sum, each) => sum + each.fitness, 0) / losers.length);
    population.slice(0, 8).forEach((individual, slot) => this.individual(individual, slot, emit));
    if (generation > 0) return;
    for (const [label, { fitness }] of Object.entries(initialByLabel))
      emit(`combos/gen0_fitness_${label}`, fitness);
  }

  private individual(
    { fitness, measured, bits }: Individual,
    slot: number,
    emit: (name: string, value: number) => void,
  ): void {
    emit(`models/model_${slot}/fitness`, fitness);
    emit(`models/model_${slot}/perplexity`, measured.perplexity);
    if (measured.accuracy !== null) emit(`models/model_${slot}/accuracy`, measured.accuracy);
    if (bits !== null) emit(`models/model_${slot}/combo_id`, comboId(bits));
  }

  private labels(
    { usage }: SearchState,
    children: readonly Child[],
    emit: (name: string, value: number) => void,
  ): void {
    const made = children.flatMap(({ proposal }) =>
      'recipe' in proposal && proposal.recipe.operation === 'combination' ? [proposal.bits] : [],
    );
    for (const label of Object.keys(usage.combos)) {
      emit(`evolution/combo_${label}_count`, made.filter((bits) => bits === label).length);
    }
  }

  private progress(made: number, total: number): void {
    const seconds = (performance.now() - this.began) / 1000;
    this.firstGeneration ??= Math.floor(made);
    const done = made - this.firstGeneration;
    const etaSeconds = done < 1 ? null : (seconds / done) * (total - made);
    if (etaSeconds !== null && Number.isInteger(made)) {
      this.ctx.metric('time/estimated_completion_minutes', etaSeconds / SECONDS_PER_MINUTE, { step: made });
    }
    const state = this.latest;
    const record = state?.history.at(-1);
    this.ctx.progress({
      task: 'evolution',
      done: Math.floor(made),
      total,
      unit: 'generation',
      values:
        record === undefined
          ? {}
          : {
              fitness: record.champion,
              diversity: record.diversity,
              perplexity: state!.champion.measured.perplexity,
            },
      etaSeconds,
      phaseFraction: total === 0 ? SEARCH_SHARE : (SEARCH_SHARE * made) / total,
    });
  }
}
