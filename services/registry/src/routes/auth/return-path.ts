/** The page that a browser is led to when it was not asked for from another. */
export const SESSION_PATH = '/auth/session';

const MAX_LENGTH = 2000;
/** A host that stands for ours while a path is read: nothing that leads elsewhere keeps it. */
const HERE = 'https://here.invalid';

/**
 * Where to go after a sign-in, as a path of this service: what was asked for when it is one, else the page of the
 * session. The caller puts the service's own origin before it; a path such as `//elsewhere` then stays here as well.
 */
export function returnPath(asked: string | undefined): string {
  if (asked?.startsWith('/') !== true || asked.length > MAX_LENGTH || !URL.canParse(asked, HERE))
    return SESSION_PATH;
  const { origin, pathname, search, hash } = new URL(asked, HERE);
  if (origin !== HERE || pathname.startsWith('//')) return SESSION_PATH;
  return `${pathname}${search}${hash}`;
}
