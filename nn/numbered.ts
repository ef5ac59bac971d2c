/** Values of `<prefix>0`, `<prefix>1`, ... in order, up to the first that is missing. */
export function numbered<T>(values: Readonly<Record<string, T>>, prefix: string): T[] {
  const found: T[] = [];
  for (let k = 0; ; k++) {
    const value = values[`${prefix}${k}`];
    if (value === undefined) return found;
    found.push(value);
  }
}
