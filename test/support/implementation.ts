import { Ajv } from 'ajv';
import type { Forge, Plugin } from '../../contracts/plugin.js';
import type { Token } from '../../contracts/token.js';

/** Apply one plugin outside a kernel, options validated and defaults filled in, and give what it provides. */
export async function implementation<T>(plugin: Plugin, token: Token<T>): Promise<T> {
  const options = structuredClone(plugin.options);
  const ajv = new Ajv({ useDefaults: true, allErrors: true, strict: false });
  if (!ajv.validate(plugin.optionsSchema, options)) throw new Error(ajv.errorsText());
  const provided = new Map<string, () => unknown>();
  const forge = {
    provide: (extensionPoint: Token<unknown>, _name: string, create: () => unknown) =>
      provided.set(extensionPoint.id, create),
  } as unknown as Forge;
  await plugin.apply(forge, options);
  const create = provided.get(token.id);
  if (create === undefined) throw new Error(`${plugin.name} provides no ${token.id}`);
  return create() as T;
}
