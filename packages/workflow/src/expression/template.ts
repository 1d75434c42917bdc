import type { JsonValue } from '../model.js';
import type { Scope } from './scope.js';

export function evaluateTemplate(template: string, scope: Scope): JsonValue {
  throw new Error(template + String(scope));
}
export function evaluateCondition(template: string, scope: Scope): boolean {
  throw new Error(template + String(scope));
}
