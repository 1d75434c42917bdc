import { Type, type Static } from '@sinclair/typebox';

const texts = Type.Record(Type.String(), Type.String());

const PlanStepSchema = Type.Object({
  id: Type.String(),
  /** Steps beside it that must be done before. */
  needs: Type.Array(Type.String()),
  env: texts,
  when: Type.Optional(Type.String()),
  timeoutMs: Type.Optional(Type.Integer()),
  onFailure: Type.String(),
  /** What it does: of a shell the script, of an action its name and what it is given, of a block its steps. */
  work: Type.Object({ kind: Type.String() }, { additionalProperties: true }),
});

/** A definition bound to its parameters, as the engine makes it; only the parts that every version of it has are spelled out. */
export const PlanSchema = Type.Object({
  schema: Type.String({ pattern: '^sheaf\\.plan/\\d+$' }),
  workflow: Type.Object({ id: Type.String(), version: Type.String() }),
  permissions: Type.Object({}, { additionalProperties: true }),
  requirements: Type.Object({}, { additionalProperties: true }),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  /** In topological order. */
  steps: Type.Array(PlanStepSchema),
  outputs: texts,
  artifacts: Type.Record(Type.String(), Type.Object({ path: Type.String() })),
  /** What runs after a failure, in this order. */
  catch: Type.Array(PlanStepSchema),
  /** What its steps use, by `id@range`; empty, since a registry does not look into other workflows. */
  workflows: Type.Record(Type.String(), Type.Unknown()),
});
/** What a version would run, as its registry reads it. */
export type PlanDocument = Static<typeof PlanSchema>;
