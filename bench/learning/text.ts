import { readFile } from 'node:fs/promises';
import type { PhaseContext } from '../../core/contracts/phase.js';
import { DocumentLosses, windowsOf } from '../../nn/evaluation/index.js';
import { specsOf } from '../../nn/training/index.js';
import { trainedModel } from '../../plugins/phases/shared/index.js';
import type { Learnt } from './learn.js';
import type { Lesson } from './lesson.js';

/** A text on two sides: what is learnt, and the end of it, which is scored. */
export interface CutText {
  readonly learnt: string;
  readonly held: string;
}

/** Cut where nanoGPT cuts its texts: the first nine tenths of the characters are learnt. */
export async function cutText(path: string): Promise<CutText> {
  const characters = Array.from(await readFile(path, 'utf8'));
  const border = Math.floor(characters.length * 0.9);
  return { learnt: characters.slice(0, border).join(''), held: characters.slice(border).join('') };
}

/** How a long text is scored: tokens that are read at once, and from one window to the next. */
export interface TextShape {
  readonly length: number;
  readonly stride: number;
}

/** At least 128 tokens of context. */
export const TEXT_WINDOWS: TextShape = { length: 256, stride: 128 };

/**
 * Negative log-likelihood of a text per character of it, nats, with the averaged weights. Each token is predicted from
 * at least `length - stride` tokens before it, or from all there are.
 */
export async function natsPerCharacter(
  ctx: PhaseContext,
  { tokenizer: { tokenizer } }: Lesson,
  { shape, trainer }: Learnt,
  text: string,
  windows: TextShape,
): Promise<number> {
  const { weights } = await trainedModel(trainer, shape);
  const { architecture } = shape;
  const config = shape.config.hyperparameters;
  const engine = await ctx.engine();
  const state = await engine.createState(weights);
  const { eos, pad } = tokenizer.special;
  const ids = Int32Array.from([...(eos === null ? [] : [eos]), ...tokenizer.encode(text)]);
  const lossMask = new Uint8Array(ids.length).fill(1);
  lossMask[0] = 0;
  const subject = { architecture, config, specs: specsOf(weights) };
  const rows = { rows: 16, length: windows.length };
  const losses = await DocumentLosses.create(engine, subject, state, rows, pad ?? 0);
  const units = await losses.score(losses.pack(windowsOf({ ids, lossMask }, windows)));
  await losses.dispose();
  await state.dispose();
  return units.reduce((nats, { sum }) => nats + sum, 0) / Array.from(text).length;
}
