import { isClaim, MAX_CLAIMS, type Claims } from '@sheaf/bundle';
import { kindOf, type TrustedIssuer, type TrustedKind } from './kinds.js';

const MAX_READ = 100;

/**
 * The claims of a token that are single values, as text, and what the issuer's kind lets us say besides:
 * `workflow_path`, the file of the workflow without repository and ref, which issuers only have in one text.
 */
export function readClaims(
  kind: TrustedKind,
  payload: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const claims = new Map<string, string>();
  for (const [name, value] of Object.entries(payload).slice(0, MAX_READ)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (isClaim(name, String(value))) claims.set(name, String(value));
  }
  // Never the token's own word: only what its kind makes of the whole reference.
  if (kind !== 'generic') claims.delete('workflow_path');
  const path = workflowPathOf(kind, claims);
  if (path !== undefined) claims.set('workflow_path', path);
  return claims;
}

function workflowPathOf(kind: TrustedKind, claims: ReadonlyMap<string, string>): string | undefined {
  if (kind === 'github') return pathOf(claims.get('workflow_ref'), `${claims.get('repository') ?? '?'}/`);
  if (kind !== 'gitlab') return undefined;
  // The file may lie in another project, whose members are others.
  const [issuer, project] = [claims.get('iss') ?? '', claims.get('project_path')];
  if (project === undefined || !URL.canParse(issuer)) return undefined;
  return pathOf(claims.get('ci_config_ref_uri'), `${new URL(issuer).host}/${project}//`);
}

/**
 * `<prefix><path>@refs/…`. A path that could be read in two ways is none: whoever may name a branch, or a file, must not
 * be able to look like another workflow.
 */
function pathOf(reference: string | undefined, prefix: string): string | undefined {
  if (reference?.startsWith(prefix) !== true) return undefined;
  const at = reference.lastIndexOf('@refs/');
  const path = reference.slice(prefix.length, Math.max(prefix.length, at));
  return path === '' || path.includes('@refs/') || path.includes('//') ? undefined : path;
}

/** What the log says of somebody: the identity, which a first use pins, and the rest, for people and rules. */
export function claimsToLog(
  issuer: TrustedIssuer,
  claims: ReadonlyMap<string, string>,
  asked: readonly string[],
): { readonly identity: Claims; readonly claims?: Claims } {
  const { identity, told } = kindOf(issuer);
  const names = [...new Set([...told, ...asked])].filter((name) => !identity.includes(name));
  const rest = pick(claims, names.filter((name) => claims.has(name)).slice(0, MAX_CLAIMS));
  return {
    identity: pick(claims, identity),
    ...(Object.keys(rest).length === 0 ? {} : { claims: rest }),
  };
}

function pick(claims: ReadonlyMap<string, string>, names: readonly string[]): Claims {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = claims.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
