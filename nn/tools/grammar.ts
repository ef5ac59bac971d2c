import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import { type ToolFacts, type ToolTag } from '../../core/contracts/tool.js';

/** What a call is read and written with. */
export type CallGrammar = Pick<ToolFacts, 'tags' | 'names' | 'most_arguments'>;

/** Why ids are no call. Nothing is ever repaired. */
export type CallFlaw = 'unopened' | 'unnamed' | 'no-arguments' | 'stray-tag' | 'too-long' | 'unclosed';

export type ReadCall =
  | { readonly ok: true; readonly name: string; readonly args: readonly number[] }
  | { readonly ok: false; readonly flaw: CallFlaw };

/** Id of a tag. @throws Error when the facts have none: the schema of the record refuses such facts */
export function tagId({ tags }: Pick<ToolFacts, 'tags'>, tag: ToolTag): number {
  const id = Object.hasOwn(tags, tag) ? tags[tag] : undefined;
  if (id === undefined) throw new Error(`the facts of tools have no id of ${tag}`);
  return id;
}

/** Ids of a call: `<|tool|>` NAME `<|args|>` arguments `<|/tool|>`. @throws Error for a tool that has no name token */
export function callIds(grammar: CallGrammar, name: string, args: readonly number[]): number[] {
  const { names } = grammar;
  if (!Object.hasOwn(names, name)) throw new Error(`no token names the tool ${name}`);
  const [open, between, close] = [
    tagId(grammar, '<|tool|>'),
    tagId(grammar, '<|args|>'),
    tagId(grammar, '<|/tool|>'),
  ];
  return [open, names[name]!, between, ...args, close];
}

/**
 * Ids of a result: `<|result|>`, a space, text, `<|/result|>`. Words behind a space have tokens of their own: with it a result
 * is what an answer repeats to the token, and a small model can copy it.
 */
export function resultIds(
  grammar: Pick<ToolFacts, 'tags'>,
  { encode }: Pick<Tokenizer, 'encode'>,
  text: string,
): number[] {
  return [tagId(grammar, '<|result|>'), ...encode(` ${text}`), tagId(grammar, '<|/result|>')];
}

/** Ids of all tags and names: no argument and no text is made of them. */
export function toolIds({ tags, names }: Pick<ToolFacts, 'tags' | 'names'>): ReadonlySet<number> {
  return new Set([...Object.values(tags), ...Object.values(names)]);
}

/** Where a call begins that a model wrote: at its first tag or name, whichever that is; -1: there is none. */
export function callStart(ids: readonly number[], grammar: CallGrammar): number {
  const special = toolIds(grammar);
  return ids.findIndex((id) => special.has(id));
}

/**
 * Reads one call, strictly: it is exactly `<|tool|>` NAME `<|args|>` text `<|/tool|>`, the text holds no tag and no name,
 * and has at most `most_arguments` tokens.
 */
export function readCall(ids: readonly number[], grammar: CallGrammar): ReadCall {
  const { names, most_arguments: most } = grammar;
  const flawed = (flaw: CallFlaw): ReadCall => ({ ok: false, flaw });
  if (ids[0] !== tagId(grammar, '<|tool|>')) return flawed('unopened');
  const name = Object.keys(names).find((known) => names[known] === ids[1]);
  if (name === undefined) return flawed('unnamed');
  if (ids[2] !== tagId(grammar, '<|args|>')) return flawed('no-arguments');
  if (ids.at(-1) !== tagId(grammar, '<|/tool|>')) return flawed('unclosed');
  const args = ids.slice(3, -1);
  const special = toolIds(grammar);
  if (args.some((id) => special.has(id))) return flawed('stray-tag');
  if (args.length > most) return flawed('too-long');
  return { ok: true, name, args };
}
