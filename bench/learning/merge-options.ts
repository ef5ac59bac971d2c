type Plain = Readonly<Record<string, unknown>>;

/** Options laid over each other, later ones winning, at any depth; arrays are replaced. */
export function mergeOptions(...layers: readonly Plain[]): Plain {
  return layers.reduce((below, above) => {
    const merged: Record<string, unknown> = { ...below };
    for (const [name, value] of Object.entries(above)) {
      const under = merged[name];
      merged[name] = isPlain(under) && isPlain(value) ? mergeOptions(under, value) : value;
    }
    return merged;
  }, {});
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
