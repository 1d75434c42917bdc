/** Nobody is a member of more, whatever is set: every request and every search of theirs looks at all of them. */
export const MOST_NAMESPACES = 1_000;
