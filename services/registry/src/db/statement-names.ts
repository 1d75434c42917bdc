/** Gives texts of statements names, so that each connection parses and plans them once. */
export interface StatementNames {
  /** The name of a text; undefined for one that comes when as many have one as are given. */
  nameOf(text: string): string | undefined;
}

/** A connection keeps the plan of each for as long as it lives, some tens of KiB; texts with lists of any length are many. */
const MAX_NAMES = 128;

export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  return {
    nameOf: (text) => {
      const known = names.get(text);
      if (known !== undefined || names.size >= MAX_NAMES) return known;
      const name = `s${names.size + 1}`;
      names.set(text, name);
      return name;
    },
  };
}
