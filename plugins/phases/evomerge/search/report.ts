import type { ControlContext, RecordContext } from '../../../../core/contracts/phase.js';
import { recorder, type NamesOf, type Recorder } from '../../shared/metrics.js';
import { WorkShares } from '../../shared/progress.js';
import type { Child } from './breeder.js';
import { ranked, type Individual } from '../individuals/individual.js';
import type { EvomergeOptions } from '../options.js';
import { GENERATION_METRICS } from '../table.js';
import { comboId } from './proposals.js';
import { recentGain, type SearchState } from './state.js';

/** Gain over five generations below which the documents call a search converged. */
const CONVERGED = { window: 5, minGain: 0.001 } as const;
/** Shares of the phase, in percent. What is measured before the search is too little to count. */
const SHARES = [
  { name: 'parents', cost: 0 },
  { name: 'search', cost: 90 },
  { name: 'holdout', cost: 5 },
  { name: 'answers', cost: 4 },
  { name: 'closing', cost: 1 },
] as const;
const SECONDS_PER_MINUTE = 60;
const BYTES_PER_MIB = 1024 * 1024;

type GenerationMetric = NamesOf<keyof typeof GENERATION_METRICS>;
type Emit = (name: GenerationMetric, value: number) => void;

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
  private readonly shares = new WorkShares(SHARES);
  private readonly record: Recorder<GenerationMetric>;

  constructor(
    private readonly ctx: RecordContext & Pick<ControlContext, 'pausePoint'>,
    private readonly options: Pick<EvomergeOptions, 'generations' | 'earlyStop'>,
  ) {
    this.record = recorder(ctx, GENERATION_METRICS);
  }

  /** While models are measured one by one; a pause may leave between them, for what was measured is measured again. */
  async measuring(task: 'parents' | 'holdout' | 'answers', done: number, total: number): Promise<void> {
    const phaseFraction = this.shares.at(task, done / total);
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
    const prefix = `generation_${String(generation).padStart(2, '0')}` as const;
    const emit: Emit = (name, value) => this.record(name, value, { step: generation });
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

  private convergence(prefix: `generation_${string}`, { history, generation }: SearchState): void {
    const { window, minGain } = this.options.earlyStop ?? CONVERGED;
    const gain = recentGain(history, window);
    const name = `${prefix}/convergence_indicator` as const;
    const value = gain === null ? null : gain <= minGain ? 1 : minGain / gain;
    this.record(name, value, { step: generation, reason: `needs ${window} generations` });
  }

  private population({ population, generation, initialByLabel }: SearchState, emit: Emit): void {
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

  private individual({ fitness, measured, bits }: Individual, slot: number, emit: Emit): void {
    emit(`models/model_${slot}/fitness`, fitness);
    emit(`models/model_${slot}/perplexity`, measured.perplexity);
    if (measured.accuracy !== null) emit(`models/model_${slot}/accuracy`, measured.accuracy);
    if (bits !== null) emit(`models/model_${slot}/combo_id`, comboId(bits));
  }

  private labels({ usage }: SearchState, children: readonly Child[], emit: Emit): void {
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
      this.record('time/estimated_completion_minutes', etaSeconds / SECONDS_PER_MINUTE, { step: made });
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
      phaseFraction: this.shares.at('search', total === 0 ? 1 : made / total),
    });
  }
}
