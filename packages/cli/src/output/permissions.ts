import type { Permissions } from '@sheaf/workflow';
import { printable } from '../terminal/escape.js';

/** The kinds of permission in the order in which they are shown. */
export const PERMISSION_KINDS = ['network', 'exec', 'read', 'write', 'secrets'] as const;

/** `network api.github.com`, one text a kind; empty kinds are left out. */
export function listPermissions(permissions: Permissions): readonly string[] {
  return PERMISSION_KINDS.flatMap((kind) => {
    const values = permissions[kind];
    return values.length === 0 ? [] : [`${kind} ${values.map((value) => printable(value)).join(', ')}`];
  });
}

/** What one set has and another lacks: `+ exec curl`, `- write dist/**`. */
export function comparePermissions(before: Permissions, after: Permissions): readonly string[] {
  return PERMISSION_KINDS.flatMap((kind) => [
    ...after[kind]
      .filter((value) => !before[kind].includes(value))
      .map((value) => `+ ${kind} ${printable(value)}`),
    ...before[kind]
      .filter((value) => !after[kind].includes(value))
      .map((value) => `- ${kind} ${printable(value)}`),
  ]);
}
