import type { ProblemCode } from '@sheaf/client/contract';
import type { TObject, TSchema } from '@sinclair/typebox';

/** One answer of an operation that is not a problem. */
export interface OperationResponse {
  readonly description: string;
  /** Media type of the body; `application/json` when there is a schema and nothing else is said. None: no body. */
  readonly mediaType?: string;
  /** Of a JSON body. */
  readonly schema?: TSchema;
  /** A representation with a strong ETag: it also answers 304, and Range with 206. */
  readonly isRepresentation?: true;
  /** Headers that belong to this answer alone, with what each says. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OperationRequest {
  readonly mediaType: string;
  /** Of a JSON body, or of the parts of a multipart body. */
  readonly schema?: TSchema;
}

/**
 * What an endpoint does, in the words of OpenAPI: `/openapi.json` is made of these, and a route cannot be without one.
 *
 * Problems that any endpoint of its kind may answer (a malformed query, a token that is not valid, a database out of
 * reach) are added by `access`; `problems` names those of its own.
 */
export interface Operation {
  /** Unique, in camel case, such as `publishWorkflow`. */
  readonly id: string;
  /** One line, as a sentence without a full stop. */
  readonly summary: string;
  /** The group it is shown in. */
  readonly tag: string;
  /** `readable`: everybody for what is public, members for what is private. */
  readonly access: 'public' | 'readable' | 'signed-in' | 'admin';
  readonly query?: TObject;
  readonly request?: OperationRequest;
  readonly responses: Readonly<Record<number, OperationResponse>>;
  readonly problems: readonly ProblemCode[];
  /** Problems are told as a page to whoever prefers HTML. */
  readonly isForBrowsers?: true;
}
