import { diffPermissions } from '@sheaf/bundle';
import type { Permissions } from '@sheaf/workflow';
import { Foreign } from '../../components/foreign.js';
import { permissionWords } from '../../components/permissions.js';

/** What a version asks for that another does not, and the other way round. Nothing where they ask for the same. */
export function PermissionChanges({ before, after }: { before: Permissions; after: Permissions }) {
  const { added, removed } = diffPermissions(before, after);
  return (
    <ul class="plain changes">
      {added.map(({ kind, value }) => (
        <li key={`+${kind} ${value}`} class="added">
          <Sign sign="+" meaning="new" /> {permissionWords(kind).says}{' '}
          <code>
            <Foreign text={value} />
          </code>
        </li>
      ))}
      {removed.map(({ kind, value }) => (
        <li key={`-${kind} ${value}`} class="removed">
          <Sign sign="−" meaning="no longer" /> {permissionWords(kind).says}{' '}
          <code>
            <Foreign text={value} />
          </code>
        </li>
      ))}
    </ul>
  );
}

/** A sign for the eye and a word for the ear. */
export function Sign({ sign, meaning }: { sign: string; meaning: string }) {
  return (
    <>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <span class="visually-hidden">{meaning}:</span>
    </>
  );
}

/** How much more and less it asks for. */
export function countPermissionChanges(before: Permissions, after: Permissions) {
  const { added, removed } = diffPermissions(before, after);
  return { added: added.length, removed: removed.length };
}
