export type {
  Action,
  ActionContext,
  ActionOutputs,
  ActionProcess,
  ActionProcessEnd,
  ActionProcessHandle,
} from '../actions/action.js';
export { ActionError } from '../actions/action-error.js';
export type { ActionReasonCode } from '../actions/codes.js';
export { findConformanceProblems, type ConformanceExample } from './conformance.js';
export { testAction, type ActionUnderTest, type TestRun, type TestWorld } from './test-action.js';
