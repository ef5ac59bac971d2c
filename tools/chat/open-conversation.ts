import type { GeneratedText } from '../generate/model.js';
import type { PiecesOptions } from '../generate/opened-model.js';
import type { SpeltPrompt, TextPiece } from '../../nn/generation/index.js';
import type { ChatOptions, Conversation } from './conversation.js';
import { OpenedConversation } from './opened-conversation.js';
import { mannerOf, type Manner, type Partner } from './settings.js';
import type { Spelling } from './spelling/spelling.js';

/** A model as a conversation needs it. */
export interface TalkingModel extends Partner {
  pieces(prompt: SpeltPrompt, options: PiecesOptions): AsyncGenerator<TextPiece, GeneratedText>;
}

/** Begin a conversation with a model; see `Model.chat`. */
export async function openConversation(model: TalkingModel, options: ChatOptions): Promise<Conversation> {
  const spellingFor = spellings(model);
  const manner = (asked: ChatOptions): Promise<Manner> => mannerOf(model, asked, spellingFor);
  return new OpenedConversation(model, manner, options, await manner(options));
}

/** Spellings of a model; its template is read once, and only where it may be used. */
function spellings({ source, tokenizer }: Partner): (template: ChatOptions['template']) => Promise<Spelling> {
  let own: Promise<Spelling | null> | null = null;
  const ofTemplate = async (): Promise<Spelling | null> => {
    if (source.folder === null) return null;
    const { readChatTemplate } = await import('./spelling/template-file.js');
    const template = await readChatTemplate(source.folder);
    if (template === null) return null;
    const { templateSpelling } = await import('./spelling/template.js');
    return templateSpelling(tokenizer, template);
  };
  return async (template = 'auto') => {
    if (template === 'plain') return (await import('./spelling/plain.js')).plainSpelling(tokenizer);
    const found = template === 'auto' ? await (own ??= ofTemplate()) : null;
    return found ?? (await import('./spelling/question.js')).questionSpelling(tokenizer);
  };
}
