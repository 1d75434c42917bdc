/** A condition on the terms of an entry, in the syntax of PostgreSQL's `tsquery`. Made only here, of quoted terms. */
export type TermQuery = string & { readonly __brand: 'TermQuery' };

/** An entry with this term, or with one that begins with it. */
export function term(text: string, isPrefix = false): TermQuery {
  return (quoteTerm(text) + (isPrefix ? ':*' : '')) as TermQuery;
}

/** At least one of the queries must be given. */
export function all(queries: readonly TermQuery[]): TermQuery {
  return join(queries, ' & ');
}

export function any(queries: readonly TermQuery[]): TermQuery {
  return join(queries, ' | ');
}

/** A term as `tsquery` and `tsvector` take it, so that no character of it is syntax. */
export function quoteTerm(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

function join(queries: readonly TermQuery[], operator: string): TermQuery {
  const [first] = queries;
  if (first === undefined) throw new Error('a query of terms is made of at least one');
  return (queries.length === 1 ? first : `(${[...new Set(queries)].join(operator)})`) as TermQuery;
}
