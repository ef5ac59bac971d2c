import { join } from 'node:path';
import { ForgeError } from '../../../core/errors/index.js';
import { isObject } from '../../../storage/is-object.js';
import { isMissing } from '../../../storage/file-system.js';
import { storageError } from '../../../storage/io-error.js';
import { readText } from '../../../storage/regular-file.js';

const TEMPLATE = 'chat_template.jinja';
const TOKENIZER_CONFIG = 'tokenizer_config.json';
const SPECIALS = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;

/** A chat template as it lies beside a model, in Jinja, and the texts of special tokens that it may write. */
export interface ChatTemplate {
  readonly at: string;
  readonly text: string;
  readonly specials: Readonly<Record<string, string>>;
}

/**
 * The chat template of a folder in the layout of Hugging Face: `chat_template.jinja`, or `chat_template` in
 * `tokenizer_config.json`, of several the one called `default`. Null where there is none.
 *
 * @throws ForgeError AF_CHAT_TEMPLATE
 */
export async function readChatTemplate(folder: string): Promise<ChatTemplate | null> {
  const at = join(folder, TOKENIZER_CONFIG);
  const config = parsed(await textOf(at), at);
  const own = await textOf(join(folder, TEMPLATE));
  const text = own ?? templateOf(config['chat_template']);
  if (text === null) return null;
  const specials = SPECIALS.flatMap((name) => {
    const token = config[name];
    const content: unknown = isObject(token) ? token['content'] : token;
    return typeof content === 'string' ? [[name, content] as const] : [];
  });
  return { at: own === null ? at : join(folder, TEMPLATE), text, specials: Object.fromEntries(specials) };
}

function templateOf(written: unknown): string | null {
  if (typeof written === 'string') return written;
  if (!Array.isArray(written)) return null;
  const named = written.filter(isObject);
  const text = (named.find(({ name }) => name === 'default') ?? named[0])?.['template'];
  return typeof text === 'string' ? text : null;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readText(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw storageError(error, 'read the chat template', path);
  }
}

function parsed(text: string | null, at: string): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    throw new ForgeError('AF_CHAT_TEMPLATE', 'The file that holds the chat template is no JSON.', {
      ...{ at, cause },
      fix: 'Get the file again from where the model came from, or leave the template out: --template question.',
    });
  }
}
