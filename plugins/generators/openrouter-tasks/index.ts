import { Type } from '@sinclair/typebox';
import { withDefault } from '../../../core/contracts/options.js';
import { CHECKER, defineTaskGenerator } from '../../../core/contracts/task.js';
import { OpenRouterTasks } from './generator.js';
import { NAME } from './problems.js';

const dollars = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

const Price = Type.Object(
  {
    prompt: withDefault(dollars('For a million tokens that are sent.'), 1),
    completion: withDefault(dollars('For a million tokens that come back.'), 4),
  },
  {
    additionalProperties: false,
    description: 'The most that may be paid, in USD; dearer providers do not answer.',
  },
);

/**
 * Word problems written by a model behind OpenRouter, about calculations drawn here. Nothing is sent unless a config lists it,
 * its key is set, and a budget is given.
 */
export const openrouterTasks = defineTaskGenerator({
  name: NAME,
  description:
    'Word problems written by a model behind OpenRouter, each verified here; needs a key and a budget',
  options: Type.Object(
    {
      budgetUsd: Type.Optional(dollars('The most it may spend in all, over every run with the same cache.')),
      model: withDefault(
        Type.String({ minLength: 1, description: 'Model that writes.' }),
        'openai/gpt-4o-mini',
      ),
      keyFrom: withDefault(
        Type.String({
          pattern: '^[A-Z][A-Z0-9_]*$',
          description: 'Environment variable that holds the key.',
        }),
        'AGENTFORGE_OPENROUTER_KEY',
      ),
      price: withDefault(Price, { prompt: 1, completion: 4 }),
      url: withDefault(
        Type.String({ pattern: '^https?://', description: 'Where chat completions are asked for.' }),
        'https://openrouter.ai/api/v1/chat/completions',
      ),
      timeoutSeconds: withDefault(Type.Integer({ minimum: 1, maximum: 600 }), 60),
      largest: withDefault(
        Type.Integer({ minimum: 4, maximum: 1000, description: 'As in arithmetic-tasks.' }),
        20,
      ),
      steps: withDefault(Type.Integer({ minimum: 1, maximum: 6, description: 'As in arithmetic-tasks.' }), 4),
    },
    { additionalProperties: false },
  ),
  create: (options, forge) =>
    new OpenRouterTasks(options, () => forge.resolve(CHECKER, 'number'), {
      fetch: (...request) => fetch(...request),
      sleep: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
      environment: process.env,
    }),
});
