/** Lists are read on with a cursor: there is a first page and a next one. */
export function Pagination({
  label,
  first,
  next,
}: {
  label: string;
  /** Address of the first page; undefined on it. */
  first: string | undefined;
  /** Undefined on the last. */
  next: string | undefined;
}) {
  if (first === undefined && next === undefined) return null;
  return (
    <nav class="pagination" aria-label={label}>
      {first !== undefined && <a href={first}>First page</a>}
      {next !== undefined && (
        <a href={next} rel="next">
          Next page
        </a>
      )}
    </nav>
  );
}
