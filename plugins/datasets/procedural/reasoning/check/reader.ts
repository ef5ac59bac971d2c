import { THOUGHT_TAGS, type ThoughtTag } from '../../../../../core/contracts/thoughts.js';

/** What is wrong with a trace. */
export class Flaw extends Error {}

/** @throws Flaw */
export function demand(holds: boolean, flaw: string): asserts holds {
  if (!holds) throw new Flaw(flaw);
}

/** A tag with what stands behind it. */
interface Part {
  readonly tag: ThoughtTag;
  readonly text: string;
}

/** Reads a trace part by part. */
export class Reader {
  private readonly parts: readonly Part[];
  private at = 0;

  /** @throws Flaw when the tags of the trace do not balance, or text stands outside of them */
  constructor(trace: string) {
    this.parts = partsOf(trace);
  }

  get tags(): readonly ThoughtTag[] {
    return this.parts.map(({ tag }) => tag);
  }

  /** Text of the next part. @throws Flaw when it has another tag, or there is none */
  next(tag: ThoughtTag): string {
    const part = this.parts[this.at++];
    demand(part !== undefined, `the trace ends where ${tag} is expected`);
    demand(part.tag === tag, `${part.tag}${part.text} stands where ${tag} is expected`);
    return part.text;
  }

  /** Whether the next part has this tag. */
  sees(tag: ThoughtTag): boolean {
    return this.parts[this.at]?.tag === tag;
  }

  /** The next part says exactly this. */
  says(tag: ThoughtTag, expected: string | number): void {
    const text = this.next(tag);
    demand(text === String(expected), `${tag}${text} should be ${tag}${expected}`);
  }

  end(): void {
    const rest = this.parts[this.at];
    demand(rest === undefined, `${rest?.tag}${rest?.text} is one thought too many`);
  }
}

const INNER: readonly string[] = THOUGHT_TAGS.filter((tag) => !tag.endsWith('think>'));

function partsOf(trace: string): readonly Part[] {
  const inside = /^<think>([\s\S]*)<\/think>$/.exec(trace)?.[1];
  demand(inside !== undefined, 'it does not begin with <think> and end with </think>');
  const [before, ...pieces] = inside.split(/(<\/?[a-z]+>)/);
  demand(before === '', `"${before}" stands outside of the tags`);
  demand(pieces.length > 0, 'it has no tag inside');
  const parts: Part[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const [tag, text] = pieces.slice(at, at + 2) as [string, string];
    demand(INNER.includes(tag), `${tag} does not belong inside a thought`);
    demand(text !== '', `${tag} says nothing`);
    parts.push({ tag: tag as ThoughtTag, text });
  }
  return parts;
}
