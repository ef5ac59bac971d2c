import { ENGINE } from '../../core/contracts/engine.js';
import type { Engine, EngineState } from '../../core/contracts/engine.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import type { Kernel } from '../../core/kernel/types.js';
import type { Document } from '../../nn/data/index.js';
import { DocumentLosses, type UnitSum } from '../../nn/evaluation/index.js';
import type { GeneratorOptions } from '../../nn/generation/index.js';
import { specsOf } from '../../nn/training/state.js';
import type { ReadModel } from '../generate/open-generator.js';
import type { EvaluationSettings } from './options.js';

/** Tells how much of a part is done; throws when the work is to end. */
export type Tell = (done: number, total: number, unit: string) => Promise<void>;

/** Tokens per batch, and numbers in its logits: enough to keep a processor busy, few enough for any memory. */
const BATCH_TOKENS = 4096;
const BATCH_LOGITS = 2 ** 26;

/** A model in an engine, ready to be measured. */
export class Subject {
  private constructor(
    readonly engine: Engine,
    private readonly model: ReadModel,
    private readonly state: EngineState,
    readonly settings: EvaluationSettings,
  ) {}

  static async open(kernel: Kernel, model: ReadModel, settings: EvaluationSettings): Promise<Subject> {
    const engine = await kernel.resolve(ENGINE).open();
    try {
      return new Subject(engine, model, await engine.createState(model.weights), settings);
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  }

  get tokenizer(): Tokenizer {
    return this.model.tokenizer;
  }

  /** The id before the first of a document: where there is no start, documents are parted by their ends. */
  get start(): number | null {
    const { bos, eos } = this.tokenizer.special;
    return bos ?? eos;
  }

  /** What writes. */
  get writer(): GeneratorOptions {
    const { step } = this.settings;
    const { tokenizer: _, ...model } = this.model;
    return { engine: this.engine, ...model, ...(step === null ? {} : { step }) };
  }

  /** Negative log-likelihood of documents, none longer than the context, in their order. */
  async losses(documents: readonly Document[], tell: Tell): Promise<readonly UnitSum[]> {
    const { architecture, config, weights } = this.model;
    const { step } = this.settings;
    const length = Math.max(1, ...documents.map(({ ids }) => ids.length));
    const most = Math.min(BATCH_TOKENS, BATCH_LOGITS / architecture.vocabularySize(config));
    const rows = Math.max(1, Math.floor(most / length));
    const { pad, eos } = this.tokenizer.special;
    const losses = await DocumentLosses.create(
      this.engine,
      { architecture, config, specs: specsOf(weights) },
      this.state,
      { rows, length, ...(step === null ? {} : { step }) },
      pad ?? eos ?? 0,
    );
    try {
      const set = losses.pack(documents);
      const total = set.batches.length;
      await tell(0, total, 'batch');
      return await losses.score(set, (done) => tell(done, total, 'batch'));
    } finally {
      await losses.dispose();
    }
  }

  async dispose(): Promise<void> {
    await this.state.dispose();
    await this.engine.dispose();
  }
}
