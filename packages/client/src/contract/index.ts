export {
  InvitationListSchema,
  InvitationSchema,
  InviteSchema,
  MemberListSchema,
  MemberSchema,
  MembershipSchema,
  OwnNamespaceListSchema,
  RoleSchema,
  SetMemberSchema,
  SignInSchema,
  TransferSchema,
} from './access.js';
export type {
  Invitation,
  InvitationList,
  InviteRequest,
  Member,
  MemberList,
  Membership,
  OwnNamespaceList,
  Role,
  SignIn,
} from './access.js';
export { AuditListSchema, AuditRecordSchema } from './audit.js';
export type { AuditList, AuditRecord } from './audit.js';
export { ChannelDocumentSchema, ChannelListSchema, ChannelSchema, SetChannelSchema } from './channels.js';
export type { Channel, ChannelDocument, ChannelList, SetChannelRequest } from './channels.js';
export {
  ChangeWebhookSchema,
  CreatedWebhookSchema,
  CreateWebhookSchema,
  DeliveryListSchema,
  DeliverySchema,
  DeliveryStateSchema,
  EventListSchema,
  EventSchema,
  WebhookListSchema,
  WebhookSchema,
} from './events.js';
export type {
  ChangeWebhookRequest,
  CreatedWebhook,
  CreateWebhookRequest,
  Delivery,
  DeliveryList,
  EventList,
  RegistryEvent,
  Webhook,
  WebhookList,
} from './events.js';
export { PROBLEMS, findProblemKind } from './problems.js';
export type { ProblemCode, ProblemKind } from './problems.js';
export { PlanSchema, type PlanDocument } from './reads.js';
export { MEDIA_TYPES, PUBLISH_PARTS, routes } from './routes.js';
export {
  CreateNamespaceSchema,
  CreateTokenSchema,
  CreatedTokenSchema,
  LimitsSchema,
  NamespaceSchema,
  ProblemSchema,
  ReleaseStateEndQuerySchema,
  ReleaseStateRequestSchema,
  RevocationReasonSchema,
  SignedReleasesSchema,
  TokenListSchema,
  VersionDocumentSchema,
  VersionStateSchema,
  VersionSummarySchema,
  WellKnownSchema,
  WhoamiSchema,
  WorkflowDocumentSchema,
} from './schemas.js';
export type {
  CreateNamespaceRequest,
  CreatedToken,
  NamespaceDocument,
  Problem,
  ReleaseStateRequest,
  RevocationReason,
  SignedReleases,
  TokenList,
  VersionDocument,
  VersionState,
  VersionSummary,
  Visibility,
  WellKnown,
  Whoami,
  WorkflowDocument,
} from './schemas.js';
export {
  SEARCH_SORTS,
  SEARCH_STATES,
  SearchFacetsSchema,
  SearchHitSchema,
  SearchResultSchema,
  MarkedTextSchema,
  TagListSchema,
} from './search.js';
export type {
  MarkedText,
  SearchFacets,
  SearchHit,
  SearchResult,
  SearchSort,
  SearchState,
  TagList,
} from './search.js';
export { FaultSchema, HealthSchema, ReadinessSchema } from './operations.js';
export type { Fault, Readiness } from './operations.js';
export {
  CreateTrustedPublisherSchema,
  ExchangedTokenSchema,
  OidcExchangeSchema,
  TrustedIssuerListSchema,
  TrustedIssuerSchema,
  TrustedKindSchema,
  TrustedPublisherListSchema,
  TrustedPublisherSchema,
} from './trusted.js';
export type {
  CreateTrustedPublisherRequest,
  ExchangedToken,
  OidcExchangeRequest,
  TrustedIssuerDocument,
  TrustedIssuerKind,
  TrustedIssuerList,
  TrustedPublisher,
  TrustedPublisherList,
} from './trusted.js';
export {
  ReceiptListSchema,
  SignStageSchema,
  StagedVersionSchema,
  StageListSchema,
  StageSchema,
} from './stages.js';
export type { SignStageRequest, Stage, StagedVersion, StageList } from './stages.js';
