/** `1 fetch`, `2 fetches`, `1,234 fetches`. */
export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}
