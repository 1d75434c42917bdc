export type {
  Action,
  ActionContext,
  ActionOutputs,
  ActionProcess,
  ActionProcessEnd,
  ActionProcessHandle,
  Kept,
  KeptContext,
} from '../actions/action.js';
export { ActionError } from '../actions/action-error.js';
export type { ActionReasonCode } from '../actions/codes.js';
export { findConformanceProblems, type ConformanceExample } from './conformance.js';
export { testRun, type SharedRun } from './shared-run.js';
export { testAction, type ActionUnderTest, type TestRun, type TestWorld } from './test-action.js';
