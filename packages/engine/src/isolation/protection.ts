import type { Plan, PlanStep } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { holdSecrets, type HeldSecrets } from '../secrets/held-secrets.js';
import type { SecretSource } from '../secrets/source.js';
import type { Confinement } from './confine.js';
import type { Sandboxing } from './find-bwrap.js';
import type { Profile } from './profile.js';

/** What the machine gives to protect it with. */
export interface ProtectionDeps {
  readonly findSandboxing: () => Promise<Sandboxing>;
  /** After a run that failed: what was found is looked for anew the next time. */
  readonly doubtSandboxing: () => void;
  readonly secrets: SecretSource;
  /** Of this machine. */
  readonly hashKey: () => Uint8Array;
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
  readonly secrets: HeldSecrets;
}

/** `signal` ends questions for secrets. Throws EngineError `isolation.unavailable`. */
export async function prepareProtection(
  { findSandboxing, secrets: source, hashKey, ...place }: ProtectionDeps,
  plan: Plan,
  { profile, signal }: { readonly profile: Profile; readonly signal?: AbortSignal | undefined },
): Promise<Protection> {
  const base = { profile, secrets: await holdSecrets(plan, { source, hashKey, signal }) };
  if (profile !== 'secure' || !startsProcesses(plan)) return { ...base, confinement: undefined };
  const { stateDir, home, path } = place;
  const found = await findSandboxing();
  if ('tools' in found) return { ...base, confinement: { tools: found.tools, stateDir, home, path } };
  throw new EngineError('isolation.unavailable', `steps cannot be isolated: ${found.why}`, {
    hint: `run it with what you may do yourself: --profile permissive; or ${found.hint}`,
  });
}

/** Actions that do their work in this process, checked, or in a container of their own. */
const OWN_CHECKS = /^(?:ai|core|http)\.|^container$/;

function startsProcesses(plan: Plan): boolean {
  const starts = ({ work }: PlanStep): boolean => {
    if (work.kind === 'block') return work.steps.some(starts);
    if (work.kind !== 'action') return work.kind === 'shell';
    // A server is started, or reached from this process.
    return work.action === 'mcp' ? work.with['url'] === undefined : !OWN_CHECKS.test(work.action);
  };
  return [plan, ...Object.values(plan.workflows)].some(
    (part) => part.steps.some(starts) || part.catch.some(starts),
  );
}
