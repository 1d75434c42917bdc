import { type HeldVersion, type LockChange, type RefusedEntry, type RefusedName } from '@sheaf/client';

/** A locked version that may not be used, or may not be replaced by what would be locked now. */
export interface Refused {
  readonly name?: string;
  readonly id: string;
  readonly version: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export function describeRefused(refused: RefusedEntry | RefusedName): Refused {
  const { id, version, error } = refused;
  const { code, message, hint } = error;
  return {
    ...('name' in refused ? { name: refused.name } : {}),
    id,
    version,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** One line for what moved in a lockfile. */
export function renderLockChange(change: LockChange): string {
  switch (change.kind) {
    case 'added':
      return `+ ${change.id} ${change.version}`;
    case 'removed':
      return `- ${change.id} ${change.version}`;
    case 'moved':
      return `~ ${change.id} ${change.from} → ${change.version}`;
  }
}

/** A version that the policy holds back for its age, for a JSON document. */
export function describeHeld({ version, untilMs, minReleaseAgeMs }: HeldVersion): {
  readonly version: string;
  readonly until: string;
  readonly minReleaseAgeMs: number;
} {
  return {
    version,
    until: new Date(untilMs).toISOString(),
    minReleaseAgeMs,
  };
}
