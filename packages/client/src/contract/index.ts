export { PROBLEMS, findProblemKind } from './problems.js';
export type { ProblemCode, ProblemKind } from './problems.js';
export { MEDIA_TYPES, PUBLISH_PARTS, routes } from './routes.js';
export {
  CreateNamespaceSchema,
  CreateTokenSchema,
  CreatedTokenSchema,
  DeprecateSchema,
  LimitsSchema,
  NamespaceSchema,
  ProblemSchema,
  SearchHitSchema,
  SearchResultSchema,
  TagListSchema,
  TokenListSchema,
  VersionDocumentSchema,
  VersionStateSchema,
  VersionSummarySchema,
  WellKnownSchema,
  WhoamiSchema,
  WorkflowDocumentSchema,
} from './schemas.js';
export type {
  CreatedToken,
  DeprecateRequest,
  NamespaceDocument,
  Problem,
  SearchHit,
  SearchResult,
  TagList,
  TokenList,
  VersionDocument,
  VersionState,
  VersionSummary,
  WellKnown,
  Whoami,
  WorkflowDocument,
} from './schemas.js';
