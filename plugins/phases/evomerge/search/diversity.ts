import type { PhaseContext } from '../../../../core/contracts/phase.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { innerProduct, spreadOf } from '../../../../nn/evolution/index.js';
import type { EvomergeOptions } from '../options.js';

export interface Diversity {
  /** Mean pairwise distance over that of the parents: the parents themselves score 1, identical models 0. */
  readonly ratio: number;
  /** Mean pairwise cosine distance. */
  readonly cosine: number;
}

/** Measures how far models are apart; products of models that stay are not computed again. */
export class DiversityMeter {
  private products = new Map<string, number>();
  private readonly unit: number;

  /** @param parents what the distances are measured in */
  constructor(parents: readonly TensorDict[]) {
    this.unit = spreadOf(parents.map((a) => parents.map((b) => innerProduct(a, b)))).distance;
  }

  /** @param population ids of at least two models */
  measure(population: readonly string[], weights: (id: string) => TensorDict): Diversity {
    const known = this.products;
    this.products = new Map();
    const matrix = population.map((a) => population.map((b) => this.product(a, b, weights, known)));
    const { distance, cosine } = spreadOf(matrix);
    return { ratio: this.unit > 0 ? distance / this.unit : 0, cosine };
  }

  private product(
    a: string,
    b: string,
    weights: (id: string) => TensorDict,
    known: ReadonlyMap<string, number>,
  ): number {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const product = this.products.get(key) ?? known.get(key) ?? innerProduct(weights(a), weights(b));
    this.products.set(key, product);
    return product;
  }
}

/** What is done about a population that becomes too uniform. */
export type Remedy = 'continue' | 'stronger-mutation' | 'reseed';

/** How uniform a population is. */
export type Band = 'healthy' | 'thin' | 'uniform';

/** Steering of the next generation; JSON. */
export interface Control {
  readonly band: Band;
  /** Factor of the size of mutations. */
  readonly strength: number;
  /** Whether two individuals are made anew from the parents. */
  readonly reseed: boolean;
  /** What is done in each band, once somebody was asked. */
  readonly decided: Readonly<Partial<Record<Band, Remedy>>>;
}

/** Before the first generation. */
export const HEALTHY: Control = { band: 'healthy', strength: 1, reseed: false, decided: {} };

const ACTIONS: readonly Remedy[] = ['reseed', 'stronger-mutation', 'continue'];

/**
 * Decide how to go on. Whoever listens is asked when the diversity falls into a band for the first time; the answer
 * holds for the whole search. While diversity is low but not lowest, new blood comes every few generations as well.
 */
export async function steer(
  ctx: Pick<PhaseContext, 'intervene'>,
  { healthy, reseedBelow, reseedEvery }: EvomergeOptions['diversity'],
  diversity: number,
  generation: number,
  { decided }: Control,
): Promise<Control> {
  const band = diversity >= healthy ? 'healthy' : diversity >= reseedBelow ? 'thin' : 'uniform';
  if (band === 'healthy') return { ...HEALTHY, decided };
  const fallback: Remedy = band === 'uniform' ? 'reseed' : 'stronger-mutation';
  const limit = band === 'uniform' ? reseedBelow : healthy;
  const trouble = `diversity ${diversity.toFixed(3)} of generation ${generation} is below ${limit}`;
  const remedy = decided[band] ?? (await ctx.intervene(trouble, ACTIONS, fallback));
  const due = band === 'thin' && generation > 0 && generation % reseedEvery === 0;
  const acts = remedy !== 'continue';
  return {
    band,
    strength: acts ? 2 : 1,
    reseed: remedy === 'reseed' || (acts && due),
    decided: { ...decided, [band]: remedy },
  };
}
