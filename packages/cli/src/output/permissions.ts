import { diffPermissions } from '@sheaf/client';
import { PERMISSION_KINDS, type Permissions } from '@sheaf/workflow';
import { printable } from '../terminal/escape.js';

/** `network api.github.com`, one text a kind; empty kinds are left out. */
export function listPermissions(permissions: Permissions): readonly string[] {
  return PERMISSION_KINDS.flatMap((kind) => {
    const values = permissions[kind];
    return values.length === 0 ? [] : [`${kind} ${values.map((value) => printable(value)).join(', ')}`];
  });
}

/** What one set has and another lacks: `+ exec curl`, `- write dist/**`. */
export function comparePermissions(before: Permissions, after: Permissions): readonly string[] {
  const { added, removed } = diffPermissions(before, after);
  return PERMISSION_KINDS.flatMap((of) => [
    ...added.flatMap(({ kind, value }) => (kind === of ? [`+ ${kind} ${printable(value)}`] : [])),
    ...removed.flatMap(({ kind, value }) => (kind === of ? [`- ${kind} ${printable(value)}`] : [])),
  ]);
}
