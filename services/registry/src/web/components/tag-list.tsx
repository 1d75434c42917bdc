import { pages } from '../paths.js';

/** Tags as links to what carries them, with how many that are where it is known. */
export function TagList({
  tags,
}: {
  tags: readonly { readonly tag: string; readonly workflows?: number }[];
}) {
  if (tags.length === 0) return null;
  return (
    <ul class="plain inline tags">
      {tags.map(({ tag, workflows }) => (
        <li key={tag}>
          <a class="tag" href={pages.tag(tag)}>
            {tag}
            {workflows !== undefined && <span class="count"> {workflows}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}
