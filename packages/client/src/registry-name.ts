const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Whether a text may be what a registry is called in a configuration: 1 to 64 lower-case letters, digits and hyphens. */
export function isRegistryName(text: string): boolean {
  return NAME.test(text);
}
