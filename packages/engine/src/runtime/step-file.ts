/** What the files of a step are called: its path, with the number of an item as one more part. */
export function stepFile(path: string): string {
  return path.replaceAll('[', '.').replaceAll(']', '');
}
