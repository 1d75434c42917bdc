import type { ComponentChildren } from 'preact';
import { pages } from '../paths.js';

/** The search box: a plain form, so that it works without any script. Children are further, hidden fields. */
export function SearchForm({
  value,
  id,
  isLarge = false,
  children,
}: {
  value: string;
  /** Unique on the page. */
  id: string;
  isLarge?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <form class={isLarge ? 'search large' : 'search'} role="search" action={pages.search()} method="get">
      <label class="visually-hidden" for={id}>
        Search workflows
      </label>
      <input
        id={id}
        type="search"
        name="q"
        value={value}
        maxLength={200}
        placeholder="Search workflows"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
      />
      {children}
      <button>Search</button>
    </form>
  );
}
