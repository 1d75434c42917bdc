import { Type, type Static } from '@sinclair/typebox';

/** The JSON Schema of the answer of a process that is alive. */
export const HealthSchema = Type.Object({ status: Type.Literal('ok') });

/** One part of the service that does not do what it should. */
export const FaultSchema = Type.Object({
  /** `database`, `schema`, `storage`, `log`, `jobs` or `signIn`. */
  part: Type.String(),
  detail: Type.String(),
  /** What the operator does. */
  remedy: Type.String(),
});
/** What keeps a registry from working. */
export type Fault = Static<typeof FaultSchema>;

/** The JSON Schema of {@link Readiness}. */
export const ReadinessSchema = Type.Object({
  /** `degraded`: requests may be sent here, though not all of them will succeed. */
  status: Type.Union([Type.Literal('ready'), Type.Literal('degraded')]),
  database: Type.Union([Type.Literal('ok'), Type.Literal('down')]),
  schema: Type.Union([
    Type.Literal('ok'),
    Type.Literal('behind'),
    Type.Literal('newer'),
    Type.Literal('unknown'),
  ]),
  storage: Type.Union([Type.Literal('ok'), Type.Literal('down')]),
  log: Type.Union([
    Type.Literal('ok'),
    Type.Literal('lagging'),
    Type.Literal('frozen'),
    Type.Literal('unknown'),
  ]),
  /** `stopped`: no process runs them. */
  jobs: Type.Union([
    Type.Literal('ok'),
    Type.Literal('failing'),
    Type.Literal('stopped'),
    Type.Literal('unknown'),
  ]),
  /** Where an identity provider is configured: whether it answers. */
  signIn: Type.Optional(Type.Union([Type.Literal('ok'), Type.Literal('down'), Type.Literal('unknown')])),
  faults: Type.Array(FaultSchema),
});
/** Whether a registry can work, and what keeps it from that. */
export type Readiness = Static<typeof ReadinessSchema>;
