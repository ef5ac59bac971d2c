import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { Breeder, type Child } from './breeder.js';
import { Builder } from '../individuals/builder.js';
import { MeasurementCache } from '../individuals/cache.js';
import { SearchCheckpoints, type SavedSearch } from './checkpoint.js';
import type { ScoringData } from '../../shared/evaluation/scoring.js';
import { DiversityMeter, steer, type Control } from './diversity.js';
import type { Evaluator, Measured, WeightedTerm } from '../individuals/evaluator.js';
import type { Family } from '../family/family.js';
import { bestOf, fitnessOf } from '../individuals/fitness.js';
import { ranked, type Individual } from '../individuals/individual.js';
import { Lineage } from '../individuals/lineage.js';
import { LiveWeights } from '../individuals/live-weights.js';
import type { EvomergeOptions } from '../options.js';
import { LABELS, Proposer, type Proposal } from './proposals.js';
import type { SearchReport } from './report.js';
import { championOf, recentGain, recordOf, SEARCH_START, type SearchState } from './state.js';
import { canBeSteered, createStrategy, type Strategy } from '../strategies/index.js';
import { countUsage } from './usage.js';

/** What a search works on and reports to. */
export interface SearchParts {
  readonly ctx: PhaseContext;
  readonly options: EvomergeOptions;
  readonly family: Family;
  readonly data: ScoringData;
  readonly evaluator: Evaluator;
  readonly terms: readonly WeightedTerm[];
  readonly report: SearchReport;
}

/** The search for the best merge: generation after generation, resumable between any two. */
export class Search {
  readonly builder: Builder;
  readonly live: LiveWeights;
  private readonly meter: DiversityMeter;
  private readonly began = performance.now();
  private readonly before: number;

  private constructor(
    private readonly parts: SearchParts,
    readonly lineage: Lineage,
    readonly cache: MeasurementCache,
    private current: SearchState | null,
  ) {
    const { ctx, family } = parts;
    this.before = current?.seconds ?? 0;
    this.builder = new Builder(ctx, family);
    this.live = new LiveWeights(new Map(family.parents.map(({ id, weights }) => [id, weights])));
    this.meter = new DiversityMeter(family.parents.map(({ weights }) => weights));
  }

  /** Go on from the newest checkpoint, or from generation 0. */
  static async open(parts: SearchParts): Promise<Search> {
    const found = await checkpointsOf(parts).latest();
    const cache = new MeasurementCache(parts.options.cache, found?.saved.cache);
    const search = new Search(parts, new Lineage(found?.saved.lineage), cache, found?.saved.search ?? null);
    for (const [id, weights] of found?.weights ?? []) search.live.add(id, weights);
    if (found === null) await search.generationZero();
    return search;
  }

  get state(): SearchState {
    return this.current!;
  }

  /** Measurements of the best parent. */
  get reference(): Measured {
    return this.state.parents[0]!.measured;
  }

  /** Run to the end. */
  async run(): Promise<SearchState> {
    const { ctx, options } = this.parts;
    const proposer = this.proposer(this.state.parents);
    const strategy = createStrategy(options, proposer, this.genome(), this.state.strategy);
    while (this.state.ended === null) {
      const { generation, ended } = await this.advance(strategy);
      if (ended !== null || generation % options.checkpointEvery === 0) await this.save();
      await ctx.pausePoint(() => this.save());
    }
    return this.state;
  }

  weightsOf(id: string): TensorDict {
    return this.live.get(id);
  }

  /** The three parents and all eight combinations. */
  private async generationZero(): Promise<void> {
    const { options } = this.parts;
    const parents = await this.measureParents();
    const proposer = this.proposer(parents);
    const combos = LABELS.map((bits, slot) => proposer.combination(0, slot, bits, parents));
    const more = Array.from({ length: Math.max(0, options.population - combos.length) }, (_, i) =>
      proposer.reseed(0, combos.length + i),
    );
    const children = await this.breed([...combos, ...more], 0, parents[0]!.measured);
    const made = children.map(({ individual }) => individual);
    const initial = ranked(made.slice(0, LABELS.length))[0]!;
    const population = made.length > options.population ? ranked(made).slice(0, options.population) : made;
    const champion = championOf(parents[0]!, made);
    this.live.keep([...population.map(({ id }) => id), champion.id]);
    const diversity = this.diversityOf(population);
    const record = recordOf(0, population, champion, { ...diversity, mutated: 0 });
    this.current = {
      ...SEARCH_START,
      population,
      champion,
      parents,
      initial,
      initialByLabel: Object.fromEntries(
        LABELS.map((bits, i) => [bits, { id: made[i]!.id, fitness: made[i]!.fitness }]),
      ),
      history: [record],
      control: await this.steered(diversity.diversity, 0, SEARCH_START.control),
      usage: countUsage(SEARCH_START.usage, children),
      barriers: await this.measureBarriers(parents),
      peakHeld: this.live.peak,
      seconds: this.seconds(),
      ended: this.endOf(0, [record]),
    };
    await this.tell(children);
    await this.save();
  }

  private async advance(strategy: Strategy): Promise<SearchState> {
    const before = this.state;
    const generation = before.generation + 1;
    const proposals = strategy.next({ ...before, generation });
    const children = await this.breed(proposals, generation, this.reference, before.champion.id);
    const population = children.map(({ individual }) => individual);
    const champion = championOf(before.champion, population);
    this.live.keep([...population.map(({ id }) => id), champion.id]);
    const diversity = this.diversityOf(population);
    const mutated = children.filter(
      ({ proposal }) => 'recipe' in proposal && proposal.mutation !== undefined,
    ).length;
    const history = [
      ...before.history,
      recordOf(generation, population, champion, { ...diversity, mutated }),
    ];
    this.lineage.prune([...population.map(({ id }) => id), champion.id, before.initial.id]);
    this.current = {
      ...before,
      generation,
      population,
      champion,
      history,
      control: await this.steered(diversity.diversity, generation, before.control),
      usage: countUsage(before.usage, children),
      strategy: strategy.state(),
      peakHeld: Math.max(before.peakHeld, this.live.peak),
      seconds: this.seconds(),
      ended: this.endOf(generation, history),
    };
    await this.tell(children);
    return this.current;
  }

  private async tell(children: readonly Child[]): Promise<void> {
    const { report, evaluator, data, options } = this.parts;
    const { generation, ended, population } = this.state;
    const functional =
      ended !== null || generation % options.diversity.functionalEvery === 0
        ? await evaluator.functionalDiversity(
            population.map(({ id }) => this.live.get(id)),
            data.selection,
          )
        : null;
    report.generation(this.state, children, {
      evaluations: this.cache.evaluations,
      functional,
      tokensPerSecond: evaluator.tokensPerSecond,
    });
  }

  private async breed(
    proposals: readonly Proposal[],
    generation: number,
    reference: Measured,
    champion?: string,
  ): Promise<Child[]> {
    const { report, ...parts } = this.parts;
    const { builder, lineage, live, cache } = this;
    const breeder = new Breeder({ ...parts, builder, lineage, live, cache, reference });
    const kept = champion === undefined ? [] : [champion];
    const children = await breeder.breed(proposals, kept, generation, (done) =>
      report.breeding(generation, done, proposals.length),
    );
    return children;
  }

  private async measureParents(): Promise<Individual[]> {
    const { family, data, evaluator, terms, report } = this.parts;
    const measured: Measured[] = [];
    for (const { id, weights, constants } of family.parents) {
      await report.measuring('parents', measured.length, family.parents.length);
      const found = await evaluator.measure(weights, data.selection, constants);
      this.cache.set(id, found);
      measured.push(found);
    }
    await report.measuring('parents', measured.length, family.parents.length);
    const reference = measured[bestOf(terms, measured)]!;
    return ranked(
      family.parents.map(({ id }, i): Individual => {
        const recipe = { operation: 'parent', sources: [], parameters: {}, seed: 0 };
        this.lineage.add(id, recipe);
        const { total, components } = fitnessOf(terms, measured[i]!, reference);
        const facts = { bits: null, fallback: null };
        return {
          id,
          recipe,
          origin: 'parent',
          generation: 0,
          measured: measured[i]!,
          fitness: total,
          components,
          ...facts,
        };
      }),
    );
  }

  /** Loss half-way between each two parents, above the worse of them: whether they lie in one basin. */
  private async measureBarriers(parents: readonly Individual[]): Promise<number[]> {
    const { family, data, evaluator } = this.parts;
    const loss = ({ nll, targets }: Measured): number => nll / targets;
    const barriers: number[] = [];
    for (const [i, a] of parents.entries()) {
      for (const b of parents.slice(i + 1)) {
        const weights = Object.fromEntries(family.groups.map((group) => [group, [1, 1]]));
        const parameters = { merge: 'linear', options: {}, weights, parameters: {} };
        const middle = this.builder.build(
          { operation: 'layered', sources: [a.id, b.id], parameters, seed: 0 },
          (id) => this.live.get(id),
        );
        const measured = await evaluator.measure(middle, data.selection);
        barriers.push(loss(measured) - Math.max(loss(a.measured), loss(b.measured)));
      }
    }
    return barriers;
  }

  private diversityOf(population: readonly Individual[]): { diversity: number; cosine: number } {
    const { ratio, cosine } = this.meter.measure(
      population.map(({ id }) => id),
      (id) => this.live.get(id),
    );
    return { diversity: ratio, cosine };
  }

  private async steered(diversity: number, generation: number, before: Control): Promise<Control> {
    const { ctx, options } = this.parts;
    if (!canBeSteered(options.strategy)) return before;
    return steer(ctx, options.diversity, diversity, generation, before);
  }

  private endOf(generation: number, history: SearchState['history']): SearchState['ended'] {
    const { earlyStop, generations, maxEvaluations } = this.parts.options;
    const gain = earlyStop === null ? null : recentGain(history, earlyStop.window);
    if (gain !== null && gain < earlyStop!.minGain) return 'converged';
    if (maxEvaluations !== null && this.cache.evaluations >= maxEvaluations) return 'evaluations';
    return generation >= generations ? 'generations' : null;
  }

  private proposer(parents: readonly Individual[]): Proposer {
    const { ctx, options, family } = this.parts;
    return new Proposer(ctx, options, family, this, parents);
  }

  private genome() {
    const { family, options } = this.parts;
    const known = this.builder.parametersOf(options.cmaEs.merge);
    const parameters = options.cmaEs.parameters.map((name) => [name, known[name]!] as const);
    return { groups: family.groups, parents: family.parents.length, parameters };
  }

  /** Of search so far, earlier processes included. */
  private seconds(): number {
    return this.before + (performance.now() - this.began) / 1000;
  }

  private async save(): Promise<void> {
    const saved: SavedSearch = {
      search: this.state,
      lineage: this.lineage.saved(),
      cache: this.cache.saved(),
    };
    const { keepCheckpoints } = this.parts.options;
    await checkpointsOf(this.parts).save(saved, this.live.entries(), keepCheckpoints);
  }
}

function checkpointsOf({ ctx, family, data }: SearchParts): SearchCheckpoints {
  return new SearchCheckpoints(ctx, `${family.hash} ${data.hash}`);
}
