const MAX_LENGTH = 2000;
/** A host that stands for ours while a path is read: nothing that leads elsewhere keeps it. */
const HERE = 'https://here.invalid';

/**
 * Where to go after a sign-in, as a path of this service: what was asked for when it is one, else `/`. The caller puts
 * the service's own origin before it; a path such as `//elsewhere` then stays here as well.
 */
export function returnPath(asked: string | undefined): string {
  if (asked?.startsWith('/') !== true || asked.length > MAX_LENGTH || !URL.canParse(asked, HERE)) return '/';
  const { origin, pathname, search, hash } = new URL(asked, HERE);
  if (origin !== HERE || pathname.startsWith('//')) return '/';
  return `${pathname}${search}${hash}`;
}
