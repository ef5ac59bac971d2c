import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';

/** What reaches out of the process; tests give their own. */
export interface Services {
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** USD per million tokens. */
export interface Price {
  readonly prompt: number;
  readonly completion: number;
}

/** Body of a chat completion. What decides the reply stands here, so that its hash names the reply. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature: number;
  readonly seed: number;
  /** Only providers that are no dearer may answer. */
  readonly provider: { readonly max_price: Price };
  /** The reply says what it cost. */
  readonly usage: { readonly include: true };
}

export interface ChatReply {
  readonly content: string;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** What the service says it took; null: it did not say. */
  readonly usd: number | null;
}

export interface Access {
  readonly url: string;
  readonly key: string;
  readonly timeoutSeconds: number;
}

/** Further tries after the first; before the n-th it waits 2^n seconds. */
const RETRIES = 3;
const SECOND = 1000;
/** Characters of a refusal that are shown. */
const SHOWN = 300;

/**
 * Ask once, and again after 429, 5xx and a connection that failed.
 *
 * @throws ForgeError AF_TASK_REQUEST with `facts.status`, null where no answer came: then it may have been paid for
 */
export async function chat(request: ChatRequest, access: Access, services: Services): Promise<ChatReply> {
  for (let attempt = 0; ; attempt++) {
    const { status, text } = await post(request, access, services);
    if (status === 200) return replyOf(text, access.url);
    const mayPass = status === null || status === 429 || status >= 500;
    if (!mayPass || attempt === RETRIES) throw refused(access, status, text, attempt + 1);
    await services.sleep(2 ** (attempt + 1) * SECOND);
  }
}

interface Answer {
  readonly status: number | null;
  readonly text: string;
}

async function post(request: ChatRequest, access: Access, services: Services): Promise<Answer> {
  try {
    const response = await services.fetch(access.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${access.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(access.timeoutSeconds * SECOND),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: null, text: messageOf(error) };
  }
}

interface Completion {
  readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[];
  readonly usage?: {
    readonly prompt_tokens?: unknown;
    readonly completion_tokens?: unknown;
    readonly cost?: unknown;
  };
}

function replyOf(text: string, url: string): ChatReply {
  const { choices, usage } = parsed(text, url);
  const content = choices?.[0]?.message?.content;
  return {
    content: typeof content === 'string' ? content : '',
    promptTokens: amountOf(usage?.prompt_tokens),
    completionTokens: amountOf(usage?.completion_tokens),
    usd: amountOf(usage?.cost),
  };
}

function parsed(text: string, url: string): Completion {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below: a page of a proxy, say.
  }
  throw new ForgeError(
    'AF_TASK_REQUEST',
    `${url} did not answer with a JSON object: ${text.slice(0, SHOWN)}`,
    {
      at: url,
      fix: 'check the address in the option "url"',
      facts: { status: null },
    },
  );
}

function amountOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function refused({ url, key }: Access, status: number | null, text: string, tries: number): ForgeError {
  const reason = text.replaceAll(key, '***').slice(0, SHOWN);
  const what = status === null ? 'gave no answer' : `answered ${status}`;
  return new ForgeError(
    'AF_TASK_REQUEST',
    `${url} ${what} (asked ${tries === 1 ? 'once' : `${tries} times`}): ${reason}`,
    {
      at: url,
      fix: 'check key, model and credit there, or try again later: what was accepted so far is kept',
      facts: { status, tries },
    },
  );
}
