/** Whether two JSON values are the same, by content: members in any order, those that are undefined as if they were not there. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isSameJson(item, b[index]))
    );
  const [left, right] = [membersOf(a), membersOf(b)];
  return left.size === right.size && [...left].every(([name, value]) => isSameJson(value, right.get(name)));
}

function membersOf(table: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(table).filter(([, value]) => value !== undefined));
}
