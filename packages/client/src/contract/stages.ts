import { Type, type Static } from '@sinclair/typebox';

/** Publishing several versions at once, and versions that wait for an approval. */

const closed = { additionalProperties: false } as const;
const NAME = '[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?';
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const keyid = Type.String({ description: 'the id of a key, 64 hex digits', pattern: '^[0-9a-f]{64}$' });

/** The JSON Schema of {@link StagedVersion}. */
export const StagedVersionSchema = Type.Object({
  id: Type.String({ pattern: `^${NAME}/${NAME}$` }),
  version: Type.String({ maxLength: 64 }),
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  sizeBytes: Type.Integer({ description: 'of the unpacked bundle' }),
  blobSizeBytes: Type.Integer(),
  /** DSSE envelope with the signatures so far; what an approver signs as well. */
  envelope: Type.Object({
    payload: Type.String(),
    payloadType: Type.String(),
    signatures: Type.Array(Type.Object({ keyid: Type.Optional(Type.String()), sig: Type.String() })),
  }),
  /** Keys of the namespace that have signed. */
  signers: Type.Array(keyid),
  /** How many of them it takes. */
  threshold: Type.Integer({ minimum: 2 }),
});
/** A version that waits for signatures. */
export type StagedVersion = Static<typeof StagedVersionSchema>;

/** The JSON Schema of {@link Stage}. */
export const StageSchema = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  /** Name of who staged it; left out for a trusted publisher. */
  createdBy: Type.Optional(Type.String()),
  createdAt: time,
  expiresAt: time,
  /** Accepts that an interface breaks. */
  forced: Type.Boolean(),
  versions: Type.Array(StagedVersionSchema, { minItems: 1, maxItems: 16 }),
});
/** Versions that become visible together once they are approved. */
export type Stage = Static<typeof StageSchema>;

/** The JSON Schema of {@link StageList}. */
export const StageListSchema = Type.Object({ stages: Type.Array(StageSchema) });
/** What waits for signatures. */
export type StageList = Static<typeof StageListSchema>;

/** The JSON Schema of {@link SignStageRequest}. */
export const SignStageSchema = Type.Object(
  {
    /** One for each version, in order, over the same envelope payload. */
    signatures: Type.Array(
      Type.Object(
        {
          keyid,
          sig: Type.String({
            description: 'base64',
            minLength: 1,
            maxLength: 200,
            pattern: '^[A-Za-z0-9+/]+={0,2}$',
          }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 16 },
    ),
  },
  closed,
);
/** A signature for a staged version. */
export type SignStageRequest = Static<typeof SignStageSchema>;

/** What a publish of several answers: their receipts, in the order of the request. */
export const ReceiptListSchema = Type.Object({ receipts: Type.Array(Type.Unknown()) });
