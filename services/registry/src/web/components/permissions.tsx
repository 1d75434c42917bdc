import type { Permissions } from '@sheaf/workflow';
import { PERMISSION_KINDS } from '@sheaf/workflow';
import { Foreign } from './foreign.js';

type Kind = (typeof PERMISSION_KINDS)[number];

/** What each kind lets a run do, in plain words. */
const WORDS: Readonly<
  Record<Kind, { readonly title: string; readonly says: string; readonly short: string }>
> = {
  network: { title: 'Network', says: 'may connect to', short: 'uses the network' },
  exec: { title: 'Programs', says: 'may run', short: 'runs programs' },
  read: { title: 'Reads', says: 'may read', short: 'reads files' },
  write: { title: 'Writes', says: 'may write', short: 'writes files' },
  secrets: { title: 'Secrets', says: 'is given the secret', short: 'needs secrets' },
};

/** The words for a kind; those of a kind that is newer than this page are its own name. */
export function permissionWords(kind: string) {
  return Object.hasOwn(WORDS, kind) ? WORDS[kind as Kind] : { title: kind, says: 'may use', short: kind };
}

/** What a version asks for, kind by kind. */
export function PermissionList({ permissions }: { permissions: Permissions }) {
  const asked = PERMISSION_KINDS.filter((kind) => permissions[kind].length > 0);
  if (asked.length === 0)
    return <p>Asks for nothing: no network, no programs, no files outside its own, no secrets.</p>;
  return (
    <dl class="terms permissions">
      {asked.map((kind) => (
        <div key={kind}>
          <dt>{WORDS[kind].says}</dt>
          <dd>
            <ul class="plain inline">
              {permissions[kind].map((value) => (
                <li key={value}>
                  <code>
                    <Foreign text={value} />
                  </code>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The kinds alone, as search shows them. */
export function PermissionKinds({ kinds }: { kinds: readonly string[] }) {
  if (kinds.length === 0) return <span>asks for nothing</span>;
  return <span>{kinds.map((kind) => permissionWords(kind).short).join(', ')}</span>;
}
