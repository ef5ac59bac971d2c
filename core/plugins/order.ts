import type { Plugin, Tier } from '../contracts/index.js';
import { ForgeError } from '../errors/index.js';

type Ordered = Pick<Plugin, 'name' | 'tier' | 'before' | 'after'>;

const TIERS: readonly Tier[] = ['pre', 'normal', 'post'];

/**
 * Plugins in the order they are applied: by tier, then by `before` and `after` within a tier, otherwise as listed.
 * Names that are not there are ignored: a plugin may ask to come after one that is optional.
 * @throws ForgeError AF_PLUGIN_CYCLE with the path of the circle
 */
export function orderPlugins<T>(items: readonly T[], pluginOf: (item: T) => Ordered): T[] {
  return TIERS.flatMap((tier) =>
    orderTier(
      items.filter((item) => (pluginOf(item).tier ?? 'normal') === tier),
      pluginOf,
    ),
  );
}

function orderTier<T>(items: readonly T[], pluginOf: (item: T) => Ordered): T[] {
  const waitsFor = predecessors(items.map(pluginOf));
  const left = new Map(items.map((item) => [pluginOf(item).name, item]));
  const ordered: T[] = [];
  while (left.size > 0) {
    const ready = [...left.keys()].find((name) => ![...waitsFor.get(name)!].some((other) => left.has(other)));
    if (ready === undefined) throw cycleError(findCycle([...left.keys()], waitsFor));
    ordered.push(left.get(ready)!);
    left.delete(ready);
  }
  return ordered;
}

/** For each plugin the names that must come before it. */
function predecessors(plugins: readonly Ordered[]): Map<string, Set<string>> {
  const names = new Set(plugins.map(({ name }) => name));
  const waitsFor = new Map(
    plugins.map(({ name, after }) => [name, new Set((after ?? []).filter((other) => names.has(other)))]),
  );
  for (const { name, before } of plugins) {
    for (const later of before ?? []) waitsFor.get(later)?.add(name);
  }
  return waitsFor;
}

/** Every name left waits for another that is left: walking back must come round. */
function findCycle(left: readonly string[], waitsFor: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = [];
  let current = left[0]!;
  while (!path.includes(current)) {
    path.push(current);
    current = [...waitsFor.get(current)!].find((name) => left.includes(name))!;
  }
  return [...path.slice(path.indexOf(current)), current].reverse();
}

function cycleError(path: readonly string[]): ForgeError {
  return new ForgeError(
    'AF_PLUGIN_CYCLE',
    `Plugins ask to come before each other in a circle: ${path.join(' -> ')}.`,
    {
      at: `plugin ${path[0]!}`,
      fix: 'Take a `before` or `after` out of one of them.',
      facts: { path },
    },
  );
}
