import { memberSchema } from '../../core/config/schema-walk.js';
import { problemsError } from '../../core/errors/index.js';
import { loadValidator } from '../../core/validation/validator.js';
import { Option, type Command as Parser } from '../commander.js';

type Schema = Readonly<Record<string, unknown>>;

/** Add a flag for each property of a schema. */
export function addFlags(parser: Parser, schema: object): void {
  for (const [name, property] of Object.entries(propertiesOf(schema)))
    parser.addOption(optionOf(name, property));
}

/**
 * What was typed, as the schema wants it: numbers read, defaults filled in.
 * @throws ForgeError AF_USAGE with every problem, each with its flag
 */
export async function checkedFlags(
  command: string,
  schema: object,
  typed: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const names = Object.keys(propertiesOf(schema)).filter((name) => typed[name] !== undefined);
  const flags = Object.fromEntries(
    names.map((name) => [name, readAs(memberSchema(schema, name), typed[name])]),
  );
  const problems = (await loadValidator()).validate(schema, flags, { at: '', fillDefaults: true });
  if (problems.length === 0) return flags;
  throw problemsError(
    'AF_USAGE',
    `agentforge ${command}`,
    problems.map((problem) => ({ ...problem, at: flagOf(problem.at) })),
    `See agentforge ${command} --help.`,
  );
}

function propertiesOf(schema: object): Readonly<Record<string, Schema>> {
  return (schema as { readonly properties?: Readonly<Record<string, Schema>> }).properties ?? {};
}

function optionOf(name: string, schema: Schema): Option {
  const { description = '', default: value } = schema;
  const shown = value === undefined || value === false ? '' : ` (default: ${JSON.stringify(value)})`;
  const off = schema['type'] === 'boolean' && value === true;
  const flag = off ? flagOf(name).replace('--', '--no-') : flagOf(name);
  const option = new Option(`${flag}${placeholder(schema)}`, `${String(description)}${off ? '' : shown}`);
  const choices = choicesOf(schema);
  return choices.length > 0 ? option.choices(choices) : option;
}

function placeholder({ type }: Schema): string {
  if (type === 'boolean') return '';
  if (type === 'array') return ' <values...>';
  return type === 'number' || type === 'integer' ? ' <number>' : ' <text>';
}

/** The texts of a union of constants. */
function choicesOf({ anyOf }: Schema): string[] {
  const constants = Array.isArray(anyOf)
    ? (anyOf as { readonly const?: unknown }[]).map((each) => each.const)
    : [];
  return constants.every((each) => typeof each === 'string') ? constants : [];
}

/** `maxTokens` is typed `--max-tokens`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function readAs(schema: unknown, typed: unknown): unknown {
  const { type, items } = schema as Schema;
  if (Array.isArray(typed)) return typed.map((each) => readAs(items ?? {}, each));
  if (typeof typed !== 'string' || (type !== 'number' && type !== 'integer')) return typed;
  const value = Number(typed);
  // What is no number stays as it was typed: the problem shows it.
  return typed.trim() === '' || Number.isNaN(value) ? typed : value;
}
