export type {
  JournalEvent,
  ProcessIdentity,
  Reason,
  ReasonCode,
  RunEvent,
  RunSource,
  StepOutcome,
} from './core/events.js';
export {
  openEngine,
  type Engine,
  type EngineOptions,
  type ResumeOptions,
  type RunControl,
  type RunDetails,
  type RunFilter,
  type RunRequest,
  type RunResult,
  type RunStatus,
  type RunSummary,
  type StepLog,
  type StepResult,
} from './engine.js';
export { EngineError, type EngineErrorCode } from './errors.js';
export { LIMITS } from './limits.js';
export type { OutputListener, OutputStream } from './ports.js';
