/** A number and what it counts: `1 leaf`, `2 leaves`. The plural takes an `s` unless it is given. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
