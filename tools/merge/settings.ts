/** What a recipe sets a parameter to, and which value that is for one tensor. */

export type SettingValue = number | boolean;

/** A value for the tensors whose name contains `filter`; without one (or with `*`) for all. */
export interface FilteredSetting {
  readonly filter?: string;
  readonly value: SettingValue | readonly SettingValue[];
}

/**
 * One value for every tensor, a gradient over the layers (first value at the first layer, last at the last, straight
 * lines between), or different ones by tensor name, of which the first that matches counts.
 */
export type Setting = SettingValue | readonly SettingValue[] | readonly FilteredSetting[];

/** Settings by parameter name. */
export type Settings = Readonly<Record<string, Setting>>;

/**
 * The value for one tensor, found as mergekit finds it.
 *
 * @param position where its layer lies among those of its slice, 0 the first and 1 the last; 0 outside of layers
 * @returns undefined when filters leave the tensor out
 */
export function evaluateSetting(
  setting: Setting,
  tensor: string,
  position: number,
): SettingValue | undefined {
  if (!isList(setting)) return setting;
  if (isGradient(setting)) return alongGradient(setting, position);
  const match = setting.find(
    ({ filter }) => filter === undefined || filter === '*' || tensor.includes(filter),
  );
  if (match === undefined) return undefined;
  return isList(match.value) ? alongGradient(match.value, position) : match.value;
}

/** Every single value that a setting holds. */
export function valuesIn(setting: Setting): readonly SettingValue[] {
  if (!isList(setting)) return [setting];
  if (isGradient(setting)) return setting;
  return setting.flatMap(({ value }) => (isList(value) ? value : [value]));
}

/** Numbers are interpolated; of switches the one at the position counts. */
function alongGradient(values: readonly SettingValue[], position: number): SettingValue {
  const place = position * (values.length - 1);
  const index = Math.floor(place);
  const left = values[index]!;
  const right = values[Math.min(index + 1, values.length - 1)]!;
  if (typeof left !== 'number' || typeof right !== 'number') return left;
  const share = place - index;
  return (1 - share) * left + share * right;
}

function isGradient(
  setting: readonly SettingValue[] | readonly FilteredSetting[],
): setting is readonly SettingValue[] {
  return typeof setting[0] !== 'object';
}

function isList<T>(value: T | readonly T[]): value is readonly T[];
function isList(value: Setting): value is readonly SettingValue[] | readonly FilteredSetting[];
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
