import {
  COMMAND,
  ENGINE,
  PHASE,
  REGISTRY,
  SINK,
  STORAGE,
  TERMINAL,
  type PlanContext,
} from '../../contracts/index.js';
import { isPlainObject } from '../../validation/plain.js';
import type { PipelineCore } from '../core.js';

/** Watches what phases ask for while they are planned, to tell plugins that nothing uses. */
export class PluginUse {
  private readonly used = new Set<string>();

  constructor(private readonly core: Pick<PipelineCore, 'config' | 'sinks' | 'listed'>) {
    const { config } = core;
    this.used.add(`${ENGINE.id}:${config.engine}`).add(`${REGISTRY.id}:${config.registry}`);
    core.sinks.forEach((name) => this.used.add(`${SINK.id}:${name}`));
    config.pipeline.forEach(({ name }) => this.used.add(`${PHASE.id}:${name}`));
    this.used.add(STORAGE.id).add(TERMINAL.id).add(COMMAND.id);
  }

  /** The context of a plan, watched. */
  watch<C extends Pick<PlanContext, 'resolve' | 'names'>>(context: C): C {
    return {
      ...context,
      resolve: (token, name, overrides) => {
        this.used.add(name === undefined ? token.id : `${token.id}:${name}`);
        return context.resolve(token, name, overrides);
      },
      names: (token) => {
        this.used.add(token.id);
        return context.names(token);
      },
    };
  }

  /**
   * A sentence for each plugin that the config lists and nothing can notice.
   * @param complete every phase of the pipeline was planned: what none asked for, none needs
   */
  unused(complete: boolean): string[] {
    const words = new Set(this.core.config.pipeline.flatMap(({ options }) => wordsIn(options)));
    const isUsed = (implementation: string): boolean => {
      const [point = '', ...rest] = implementation.split(':');
      const name = rest.join(':');
      if (this.used.has(point) || this.used.has(implementation)) return true;
      return !(point in WHERE) && (!complete || words.has(name));
    };
    return this.core.listed
      .filter(({ implementations }) => implementations.length > 0 && !implementations.some(isUsed))
      .map(({ name, implementations }) => {
        const point = implementations[0]!.split(':')[0]!;
        const why = WHERE[point] ?? `no phase of the pipeline names this ${point}`;
        return `Plugin "${name}" is listed and has no effect: ${why}.`;
      });
  }
}

/** The settings that choose among what plugins provide; everything else is chosen by options of phases. */
const WHERE: Readonly<Record<string, string>> = {
  [ENGINE.id]: '`engine` names another engine',
  [REGISTRY.id]: '`registry` names another registry',
  [SINK.id]: '`sinks` does not name it',
  [PHASE.id]: '`pipeline` does not name it',
};

/** Every key and text of a value: a phase names a plugin by one of them. */
function wordsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  return isPlainObject(value) ? [...Object.keys(value), ...Object.values(value).flatMap(wordsIn)] : [];
}
