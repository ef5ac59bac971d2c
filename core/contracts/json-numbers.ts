/**
 * JSON for measured numbers. JSON has no NaN, infinities or negative zero, and JSON.stringify turns them into null
 * or 0; here they are written as `{"$number": "NaN"}`, `{"$number": "Infinity"}`, `{"$number": "-Infinity"}` and
 * `{"$number": "-0"}`, so that every number survives and no string is mistaken for one. A bigint is written as
 * its decimal string; `undefined` members are left out, as JSON does.
 */

const TAG = '$number';

/** JSON text on one line (or indented by `indent` spaces) that {@link decodeJson} reads back to the same value. */
export function encodeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, member: unknown) => encodeMember(member), indent);
}

/** @throws SyntaxError when the text is not JSON (a torn last line of a file, for example). */
export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_, member: unknown) => decodeMember(member));
}

function encodeMember(member: unknown): unknown {
  if (typeof member === 'number') {
    if (Number.isFinite(member) && !Object.is(member, -0)) return member;
    return { [TAG]: Object.is(member, -0) ? '-0' : String(member) };
  }
  return typeof member === 'bigint' ? member.toString() : member;
}

function decodeMember(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !(TAG in member)) return member;
  const tagged = member[TAG];
  return typeof tagged === 'string' ? Number(tagged) : member;
}
