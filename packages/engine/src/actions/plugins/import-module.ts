/** Loads an ES module by its address. Apart from all else, because bundles for the command line cannot load one themselves. */
export function importModule(url: string): Promise<unknown> {
  return import(url);
}
