import type { Plan, PlanStep } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { createRedactor, NO_REDACTION, type Redactor } from '../redaction/redactor.js';
import { loadSecrets, type FindSecret } from '../secrets/load-secrets.js';
import type { Confinement } from './confine.js';
import type { Sandboxing } from './find-bwrap.js';
import type { Profile } from './profile.js';

/** What the machine gives to protect it with. */
export interface ProtectionDeps {
  readonly findSandboxing: () => Promise<Sandboxing>;
  readonly findSecret: FindSecret;
  readonly stateDir: string;
  readonly home: string | undefined;
  /** Absolute folders of the `PATH`. */
  readonly path: readonly string[];
}

/** What stands between a run and the machine. */
export interface Protection {
  readonly profile: Profile;
  /** Undefined: processes may do what the user may. */
  readonly confinement: Confinement | undefined;
  /** Values by name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly redactor: Redactor;
}

/** Throws EngineError `isolation.unavailable`, `secret.invalid`. */
export async function prepareProtection(
  { findSandboxing, findSecret, ...place }: ProtectionDeps,
  plan: Plan,
  profile: Profile,
): Promise<Protection> {
  const secrets = await loadSecrets(plan, findSecret);
  const redactor = secrets.size === 0 ? NO_REDACTION : createRedactor(secrets.values());
  const base = { profile, secrets, redactor };
  if (profile !== 'secure' || !startsProcesses(plan)) return { ...base, confinement: undefined };
  const { stateDir, home, path } = place;
  const found = await findSandboxing();
  if ('tools' in found) return { ...base, confinement: { tools: found.tools, stateDir, home, path } };
  throw new EngineError('isolation.unavailable', `steps cannot be isolated: ${found.why}`, {
    hint: `run it with what you may do yourself: --profile permissive; or ${found.hint}`,
  });
}

/** Actions that do their work in this process, checked, or in a container of their own. */
const OWN_CHECKS = /^(?:core|http)\.|^container$/;

function startsProcesses(plan: Plan): boolean {
  const starts = ({ work }: PlanStep): boolean => {
    if (work.kind === 'block') return work.steps.some(starts);
    return work.kind === 'shell' || (work.kind === 'action' && !OWN_CHECKS.test(work.action));
  };
  return [plan, ...Object.values(plan.workflows)].some(
    (part) => part.steps.some(starts) || part.catch.some(starts),
  );
}
