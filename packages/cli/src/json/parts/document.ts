import type { Static, TObject, TSchema, TUnion } from '@sinclair/typebox';

/** What a document may be: one object, or one of several. */
export type Body = TObject | TUnion<TObject[]>;

/** A JSON document that the command line prints, under a name that stays: fields are added, never changed or removed. */
export interface JsonDocument<B extends Body = Body> {
  /** `key-list`: its first key is `"schema": "sheaf.key-list/1"`. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly about: string;
  /** The document without that first key. */
  readonly body: B;
}

export function defineDocument<B extends Body>(name: string, about: string, body: B): JsonDocument<B> {
  return { name, about, body };
}

/** What a command hands over for a document: read-only, and what is optional may be undefined. */
export type JsonOf<D extends JsonDocument> = D extends JsonDocument<infer B> ? Plain<Static<B>> : never;

/** The same for a part of a document. */
export type PartOf<S extends TSchema> = Plain<Static<S>>;

type Plain<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer E)[]
      ? readonly Plain<E>[]
      : { readonly [K in keyof T]: Plain<T[K]> | (object extends Pick<T, K> ? undefined : never) };
