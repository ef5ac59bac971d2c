import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomStream } from '../../../core/contracts/merge.js';
import type {
  Checker,
  TaskGenerator,
  TaskItem,
  TaskPreparation,
  TaskSpec,
} from '../../../core/contracts/task.js';
import { decodeJson, encodeJson } from '../../../core/contracts/json-numbers.js';
import { ForgeError } from '../../../core/errors/index.js';
import { Draw } from '../../../nn/random/index.js';
import { writeFileAtomic } from '../../../storage/index.js';
import { firstStep, unknownConcept, variantOf } from '../shared/generator.js';
import { chat, type Access, type ChatReply, type ChatRequest, type Price, type Services } from './client.js';
import { Ledger } from './ledger.js';
import { CONCEPT, instructions, NAME, plan, verify, wordingOf, type Wanted } from './problems.js';

export interface OpenRouterOptions {
  readonly model: string;
  readonly keyFrom: string;
  readonly budgetUsd?: number;
  readonly price: Price;
  readonly url: string;
  readonly timeoutSeconds: number;
  readonly largest: number;
  readonly steps: number;
}

/** Calculations of one request. */
const BATCH = 10;
/** Tokens of a problem in the reply, generously. */
const TOKENS_EACH = 120;
/** Bytes of a request around its messages; no token is less than a byte. */
const AROUND = 100;
/** How often a calculation is asked about before it is given up. */
const ROUNDS = 2;
const PER_MILLION = 1e6;
/** Fewest problems that are worth asking for. */
const FEWEST = 10;

/** Word problems that a model behind OpenRouter writes about calculations drawn here; see {@link verify}. */
export class OpenRouterTasks implements TaskGenerator {
  readonly concepts = [CONCEPT];
  private pool: readonly TaskItem[] = [];

  constructor(
    private readonly options: OpenRouterOptions,
    private readonly checker: () => Checker,
    private readonly services: Services,
  ) {}

  /** @throws ForgeError AF_TASK_KEY, AF_TASK_BUDGET, AF_TASK_REQUEST */
  async prepare({ cache, log, seed, count }: TaskPreparation): Promise<void> {
    const access = this.access();
    const ledger = await Ledger.open(cache, this.budget());
    const all = plan(seed, Math.max(FEWEST, count), this.options);
    let [open, rejections] = [all, 0];
    const items: TaskItem[] = [];
    for (let round = 0; round < ROUNDS && open.length > 0; round++) {
      const left: Wanted[] = [];
      // The sides one after the other, so that a request tells no wording of one to the other.
      for (const batch of batchesOf(open)) {
        const reply = await this.reply(this.requestFor(batch, round), access, ledger, cache);
        const others = items
          .filter(({ side }) => side !== batch[0]!.side)
          .map(({ question }) => wordingOf(question));
        const judged = { checker: this.checker(), source: this.options.model, taken: new Set(others) };
        const { items: accepted, rejected } = verify(reply.content, batch, judged);
        items.push(...accepted);
        left.push(...rejected);
        rejections += rejected.length;
      }
      open = left;
    }
    log.info(`${NAME}: ${items.length} problems accepted, ${rejections} rejected`, {
      ...{
        accepted: items.length,
        rejected: rejections,
        spentUsd: ledger.spentUsd,
        model: this.options.model,
      },
    });
    this.pool = requireBothSides(items, all.length, this.options.model);
  }

  generate(spec: TaskSpec, random: RandomStream): TaskItem {
    if (spec.concept !== undefined && spec.concept !== CONCEPT)
      unknownConcept(NAME, spec.concept, this.concepts);
    if (this.pool.length === 0)
      throw new ForgeError('AF_TASK_UNPREPARED', `${NAME} was asked for a task before it was prepared.`, {
        at: NAME,
        fix: 'await "prepare" of the generator first',
      });
    const own = this.pool.filter(({ side }) => side === spec.side);
    const distance = ({ difficulty }: TaskItem): number => Math.abs(difficulty - spec.difficulty);
    const nearest = Math.min(...own.map(distance));
    return new Draw(random).pick(own.filter((item) => distance(item) === nearest));
  }

  variant(item: TaskItem, random: RandomStream): TaskItem {
    return variantOf(item, (spec) => this.generate(spec, random));
  }

  hint(item: TaskItem, level: number): string | null {
    if (level === 1) return 'It is about what comes and what goes.';
    if (level === 2) return 'Add what comes and take away what goes, one after the other.';
    return level === 3 ? firstStep(item) : null;
  }

  private access(): Access {
    const { keyFrom, url, timeoutSeconds } = this.options;
    const key = this.services.environment[keyFrom]?.trim() ?? '';
    if (key !== '') return { key, url, timeoutSeconds };
    throw new ForgeError('AF_TASK_KEY', `${NAME} needs a key for ${url}, and ${keyFrom} is not set.`, {
      at: `${NAME}.keyFrom`,
      fix: `set the environment variable ${keyFrom}, or leave ${NAME} out: every other generator runs without one`,
    });
  }

  private budget(): number {
    if (this.options.budgetUsd !== undefined) return this.options.budgetUsd;
    throw new ForgeError('AF_TASK_BUDGET', `${NAME} has a key and no budget.`, {
      at: `${NAME}.budgetUsd`,
      fix: 'say in budgetUsd how many dollars it may spend in all',
    });
  }

  private requestFor(wanted: readonly Wanted[], round: number): ChatRequest {
    const { model, price } = this.options;
    return {
      model,
      messages: [{ role: 'user', content: instructions(wanted) }],
      max_tokens: TOKENS_EACH * wanted.length,
      temperature: 0.7,
      seed: round,
      provider: { max_price: price },
      usage: { include: true },
    };
  }

  /** From the disk where it is there, else from the service, and paid for. */
  private async reply(
    request: ChatRequest,
    access: Access,
    ledger: Ledger,
    cache: string,
  ): Promise<ChatReply> {
    const hash = createHash('sha256')
      .update(`${access.url}\n${JSON.stringify(request)}`)
      .digest('hex')
      .slice(0, 32);
    const file = join(cache, `${hash}.json`);
    const known = await cachedReply(file);
    if (known !== null) return known;
    const most = mostUsd(request);
    await ledger.reserve(hash, request.model, most);
    let reply: ChatReply;
    try {
      reply = await chat(request, access, this.services);
    } catch (error) {
      // Whoever answers with a refusal takes nothing; where no answer came, nobody knows.
      if (error instanceof ForgeError && typeof error.facts['status'] === 'number') await ledger.settle(null);
      throw error;
    }
    const { promptTokens, completionTokens, usd } = reply;
    const tokens = { promptTokens, completionTokens };
    const paid = usd === null ? ({ usd: most, known: 'most' } as const) : ({ usd, known: 'told' } as const);
    await writeFileAtomic(file, `${encodeJson(reply)}\n`);
    await ledger.settle({ request: hash, model: request.model, ...tokens, ...paid });
    return reply;
  }
}

/** The most that a request can cost: no token is shorter than a byte, and no provider is dearer than the price. */
function mostUsd({ messages, max_tokens, provider: { max_price } }: ChatRequest): number {
  const bytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + AROUND, 0);
  return (bytes * max_price.prompt + max_tokens * max_price.completion) / PER_MILLION;
}

async function cachedReply(file: string): Promise<ChatReply | null> {
  try {
    return decodeJson(await readFile(file, 'utf8')) as ChatReply;
  } catch {
    // Not there, or damaged: it is asked for again, within the budget.
    return null;
  }
}

function batchesOf(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  return (['train', 'held-out'] as const).flatMap((side) => {
    const own = wanted.filter((one) => one.side === side);
    return Array.from({ length: Math.ceil(own.length / BATCH) }, (_, place) =>
      own.slice(place * BATCH, (place + 1) * BATCH),
    );
  });
}

function requireBothSides(items: readonly TaskItem[], asked: number, model: string): readonly TaskItem[] {
  const different = [...new Map(items.map((item) => [item.id, item])).values()];
  const missing = (['train', 'held-out'] as const).find((wanted) =>
    different.every(({ side }) => side !== wanted),
  );
  if (missing === undefined) return different;
  throw new ForgeError(
    'AF_TASK_REQUEST',
    `${model} wrote ${items.length} problems that could be verified, of ${asked}, and none for the ${missing} side.`,
    { at: `${NAME}.model`, fix: 'choose a model that follows instructions, or ask for more tasks' },
  );
}
