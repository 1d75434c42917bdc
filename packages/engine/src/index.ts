export type { Decision, DecisionSubject } from './core/decision.js';
export type { RunRules } from './core/rules.js';
export type {
  JournalEvent,
  ProcessIdentity,
  Reason,
  ReasonCode,
  RunError,
  LaidOver,
  Redone,
  RerunOrigin,
  RunEvent,
  RunIsolation,
  RunSource,
  StepOutcome,
} from './core/events.js';
export type { Uncommitted, Workspace, WorkspaceChoice } from './core/workspace-events.js';
export type {
  Artifact,
  CancelOptions,
  CancelResult,
  DecisionEvent,
  Engine,
  EngineOptions,
  KeptWorkspace,
  RerunRequest,
  ResumeOptions,
  RunControl,
  RunDetails,
  RunFilter,
  RunRecords,
  RunRequest,
  RunResult,
  RunStatus,
  RunSummary,
  StepLog,
  CacheResult,
  ShellRequest,
  StepResult,
  StepShell,
} from './api.js';
export { findPluginFile, type PluginFile } from './actions/plugins/module-plugin.js';
export {
  readProjectTools,
  type EngineTools,
  type ProjectServer,
  type ProjectTool,
  type ProjectTools,
  type ToolProblem,
} from './actions/plugins/project-tools.js';
export { discoverServer, type DiscoveredServer, type DiscoverOptions } from './actions/mcp/discover.js';
export { openEngine } from './engine.js';
export { openRecords } from './records.js';
export { openCanceller, type Canceller } from './canceller.js';
export { EngineError, type EngineErrorCode } from './errors.js';
export { PROFILES, type Profile } from './isolation/profile.js';
export {
  findSecretProblem,
  MAX_SECRET_BYTES,
  type FoundSecret,
  type SecretAsker,
  type SecretSource,
} from './secrets/source.js';
export { LIMITS } from './limits.js';
export type { OutputListener, OutputStream } from './ports.js';
export { testWorkflow } from './workflow-test/run-test.js';
export type { TestFailure, TestOptions, TestOutcome } from './workflow-test/test-run.js';
