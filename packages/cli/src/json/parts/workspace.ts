import { Type } from '@sinclair/typebox';
import { oneOf, text } from './fields.js';

/** A folder that was made for a run. */
export const workspace = {
  kind: oneOf(['copy', 'jj', 'worktree'], 'a copy, a workspace of jj, a worktree of git'),
  id: text('names it among those of its root'),
  path: text('the folder'),
  cwd: text('where in it steps work'),
  root: text('the repository or folder that it was made from'),
  head: Type.Optional(text('the commit that it was made of')),
};
