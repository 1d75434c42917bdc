import {
  Type,
  type TArray,
  type TBoolean,
  type TInteger,
  type TLiteral,
  type TNumber,
  type TSchema,
  type TString,
  type TUnion,
  type TUnknown,
  type TUnsafe,
} from '@sinclair/typebox';

/** The fields of JSON documents, each with the words that the reference has for it. */

export function text(description: string): TString {
  return Type.String({ description });
}

export function whole(description: string): TInteger {
  return Type.Integer({ description });
}

export function amount(description: string): TNumber {
  return Type.Number({ description });
}

export function yesNo(description: string): TBoolean {
  return Type.Boolean({ description });
}

/** RFC 3339 in UTC. */
export function time(description: string): TString {
  return Type.String({ description, format: 'date-time' });
}

export function listOf<T extends TSchema>(items: T, description: string): TArray<T> {
  return Type.Array(items, { description });
}

export function oneOf<const T extends readonly string[]>(
  values: T,
  description: string,
): TUnion<{ -readonly [K in keyof T]: TLiteral<T[K]> }> {
  return Type.Union(
    values.map((value) => Type.Literal(value)),
    { description },
  ) as never;
}

/** An object whose keys are not ours to name. */
export function anyObject(description: string): TUnsafe<object> {
  return Type.Unsafe<object>(Type.Object({}, { description, additionalProperties: true }));
}

export function anything(description: string): TUnknown {
  return Type.Unknown({ description });
}
