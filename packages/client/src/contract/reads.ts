import { Type, type Static } from '@sinclair/typebox';

const texts = Type.Record(Type.String(), Type.String());

/** A definition bound to its parameters, as the engine makes it; only the parts that every version of it has are spelled out. */
export const PlanSchema = Type.Object({
  schema: Type.String({ pattern: '^sheaf\\.plan/\\d+$' }),
  workflow: Type.Object({ id: Type.String(), version: Type.String() }),
  permissions: Type.Object({}, { additionalProperties: true }),
  requirements: Type.Object({}, { additionalProperties: true }),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  /** In topological order. */
  steps: Type.Array(
    Type.Object({
      id: Type.String(),
      needs: Type.Array(Type.String()),
      run: Type.String(),
      shell: Type.String(),
      env: texts,
      when: Type.Optional(Type.String()),
      timeoutMs: Type.Optional(Type.Integer()),
      onFailure: Type.String(),
    }),
  ),
  outputs: texts,
});
/** What a version would run, as its registry reads it. */
export type PlanDocument = Static<typeof PlanSchema>;
