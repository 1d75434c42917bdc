import type { TagList as Tags } from '@sheaf/client/contract';
import { Pagination } from '../../components/pagination.js';
import { TagList } from '../../components/tag-list.js';
import { pages } from '../../paths.js';

/** Tags with how many workflows carry each, most used first. */
export function TagsPage({ list, isFirst }: { list: Tags; isFirst: boolean }) {
  const { tags, nextCursor } = list;
  return (
    <>
      <h1>Tags</h1>
      {tags.length === 0 ? <p>No workflow has a tag yet.</p> : <TagList tags={tags} />}
      <Pagination
        label="Pages of tags"
        first={isFirst ? undefined : pages.tags()}
        next={nextCursor === undefined ? undefined : pages.tags(nextCursor)}
      />
    </>
  );
}
