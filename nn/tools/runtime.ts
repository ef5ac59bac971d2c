import type { Tool, ToolFailure, ToolLimits, ToolOutcome } from '../../core/contracts/tool.js';

/** Limits of a call where nobody says otherwise. */
export const DEFAULT_TOOL_LIMITS: ToolLimits = { steps: 10_000, characters: 80, cells: 32 };

/** `grammar`: what was written is no call; `broken`: the tool threw or gave no outcome, which no tool should. */
export type CallFailure = ToolFailure | 'grammar' | 'broken';

/** What came of a call. */
export type CallOutcome =
  | Extract<ToolOutcome, { readonly ok: true }>
  | { readonly ok: false; readonly failure: CallFailure; readonly message: string };

/** Calls by what came of them; `total` = `successful` + `failed`. */
export interface ToolCounts {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  /** Failed ones that asked for what no tool gives, or for more than the limits allow. */
  readonly violations: number;
}

/**
 * Calls tools by name and counts what comes of it. It fails closed: whatever a tool does, the caller gets an outcome with
 * a text that is within the limits.
 */
export class ToolRuntime {
  private readonly counted = { total: 0, successful: 0, failed: 0, violations: 0 };

  constructor(
    private readonly tools: ReadonlyMap<string, Tool>,
    readonly limits: ToolLimits = DEFAULT_TOOL_LIMITS,
  ) {}

  get counts(): ToolCounts {
    return { ...this.counted };
  }

  has(name: string): boolean {
    return this.tools.has(name);
  }

  call(name: string, args: string): CallOutcome {
    const outcome = this.outcomeOf(name, args);
    this.count(outcome);
    return outcome;
  }

  /** Counts what was meant as a call and is none. */
  refuse(message: string): CallOutcome {
    const outcome: CallOutcome = { ok: false, failure: 'grammar', message };
    this.count(outcome);
    return outcome;
  }

  private outcomeOf(name: string, args: string): CallOutcome {
    const tool = this.tools.get(name);
    if (tool === undefined) return { ok: false, failure: 'not-found', message: `no tool ${name}` };
    try {
      return checked(tool.run(args, this.limits), this.limits);
    } catch (error) {
      return broken(`${name} threw ${error instanceof Error ? error.name : typeof error}`);
    }
  }

  private count(outcome: CallOutcome): void {
    this.counted.total++;
    this.counted[outcome.ok ? 'successful' : 'failed']++;
    if (!outcome.ok && (outcome.failure === 'forbidden' || outcome.failure === 'limit'))
      this.counted.violations++;
  }
}

const FAILURES: readonly unknown[] = [
  'syntax',
  'not-found',
  'arithmetic',
  'limit',
  'forbidden',
] satisfies ToolFailure[];

/** Tools of plugins are foreign code: what they give is looked at before it is believed. */
function checked(given: unknown, { characters }: ToolLimits): CallOutcome {
  const { ok, text, cut, failure, message } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (ok === false && FAILURES.includes(failure))
    return { ok, failure: failure as ToolFailure, message: typeof message === 'string' ? message : '' };
  if (ok !== true || typeof text !== 'string') return broken('it gave no outcome');
  const shorter = cutText(text, characters);
  return shorter === text && cut !== true ? { ok, text } : { ok, text: shorter, cut: true };
}

function broken(message: string): CallOutcome {
  return { ok: false, failure: 'broken', message };
}

/** What a model reads of an outcome: the text on one line, or `error: not-found`. */
export function resultText(outcome: CallOutcome): string {
  if (!outcome.ok) return `error: ${outcome.failure}`;
  return outcome.text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** So many characters at most; those of two halves are not cut apart. */
function cutText(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return [...text.slice(0, 2 * characters)].slice(0, characters).join('');
}
