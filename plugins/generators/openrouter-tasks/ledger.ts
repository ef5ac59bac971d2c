import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJson, encodeJson } from '../../../core/contracts/json-numbers.js';
import { ForgeError } from '../../../core/errors/index.js';
import { writeFileAtomic } from '../../../storage/index.js';

/** One request that was sent. */
export interface Charge {
  /** Hash of the request. */
  readonly request: string;
  readonly model: string;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly usd: number;
  /** `most`: the bound that was set aside, where it is not known what the request took. */
  readonly known: 'told' | 'most';
}

const FILE = 'ledger.json';

/** What requests have cost, in `ledger.json` of the cache folder. Every change is on the disk before the next request. */
export class Ledger {
  private constructor(
    private readonly folder: string,
    private readonly budgetUsd: number,
    private charges: readonly Charge[],
  ) {}

  /** @throws ForgeError AF_TASK_BUDGET when the ledger that is there cannot be read: then nobody knows what was spent */
  static async open(folder: string, budgetUsd: number): Promise<Ledger> {
    await mkdir(folder, { recursive: true });
    return new Ledger(folder, budgetUsd, await readCharges(join(folder, FILE)));
  }

  get spentUsd(): number {
    return this.charges.reduce((sum, { usd }) => sum + usd, 0);
  }

  /**
   * Set aside the most that a request can cost, before it is sent: a process that dies has not forgotten it.
   * @throws ForgeError AF_TASK_BUDGET when the budget does not reach
   */
  async reserve(request: string, model: string, mostUsd: number): Promise<void> {
    if (this.spentUsd + mostUsd > this.budgetUsd) throw this.exhausted(mostUsd);
    const open: Charge = {
      request,
      model,
      promptTokens: null,
      completionTokens: null,
      usd: mostUsd,
      known: 'most',
    };
    await this.save([...this.charges, open]);
  }

  /** What the newest request took in place of what was set aside for it; null: nothing, for it was refused. */
  async settle(charge: Charge | null): Promise<void> {
    await this.save([...this.charges.slice(0, -1), ...(charge === null ? [] : [charge])]);
  }

  private async save(charges: readonly Charge[]): Promise<void> {
    this.charges = charges;
    const spent = { spentUsd: this.spentUsd, charges };
    await writeFileAtomic(join(this.folder, FILE), `${encodeJson(spent, 2)}\n`);
  }

  private exhausted(mostUsd: number): ForgeError {
    const [budget, spent, most] = [this.budgetUsd, this.spentUsd, mostUsd].map((usd) => usd.toFixed(4));
    return new ForgeError(
      'AF_TASK_BUDGET',
      `The budget of $${budget} does not pay for the next request: $${spent} are spent, and it may take $${most}.`,
      {
        at: 'openrouter-tasks.budgetUsd',
        fix: `raise budgetUsd, ask for fewer tasks, or lower the price; what was spent is in ${join(this.folder, FILE)}`,
        facts: { budgetUsd: this.budgetUsd, spentUsd: this.spentUsd, mostUsd },
      },
    );
  }
}

async function readCharges(path: string): Promise<readonly Charge[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(path, error);
  }
  try {
    const { charges } = decodeJson(text) as { readonly charges: readonly Charge[] };
    if (charges.every(({ usd }) => Number.isFinite(usd) && usd >= 0)) return charges;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path);
}

function unreadable(path: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_TASK_BUDGET', `${path} cannot be read, so that nobody knows what was spent.`, {
    at: path,
    fix: 'mend the file, or remove it to begin with nothing spent',
    cause,
  });
}
