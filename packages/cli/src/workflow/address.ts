/** Is a word on the command line an address, of whatever kind? */
export function isAddress(word: string): boolean {
  return /^https?:\/\//i.test(word);
}
