import { parseLeaf, type PublishLeaf, type Receipt } from '@sheaf/bundle';

/** What an unverified receipt says; good enough to look in the cache by, since verification compares again. */
export function claimedLeaf(receipt: Receipt): PublishLeaf | undefined {
  try {
    const leaf = parseLeaf(receipt.publish.leaf);
    return leaf.type === 'publish' ? leaf : undefined;
  } catch {
    return undefined;
  }
}
