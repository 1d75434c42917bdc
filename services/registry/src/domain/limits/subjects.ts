/** How a namespace is called in the tables of limits and usage. */
export function namespaceSubject(namespaceId: number): string {
  return `ns:${namespaceId}`;
}

/** How a token is called there. */
export function tokenSubject(tokenId: string): string {
  return `token:${tokenId}`;
}
