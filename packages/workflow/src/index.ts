export { bindParameters, type ParameterProblem } from './parameters.js';
export { checkParameterValue, type ValueProblem } from './parameter-value.js';
export { findNameProblem, type NameProblem } from './confusable.js';
export type { ParameterValues } from './builder/checked.js';
export { defineWorkflow, type DefinedWorkflow } from './builder/define-workflow.js';
export type {
  ActionSpec,
  Duration,
  ParameterSpec,
  StepSpec,
  TriggerSpec,
  WorkflowSpec,
} from './builder/spec.js';
export { readDefinition } from './definition.js';
export type { ValidationContext } from './validate/validate.js';
export { formatDiagnostic, type Diagnostic, type DiagnosticCode, type RelatedPlace } from './diagnostics.js';
export { inputVariable, parameterVariable, toEnvironmentString } from './environment.js';
export { WorkflowError, type WorkflowErrorCode } from './errors.js';
export {
  DoubleNumber,
  LazyMap,
  SecretReference,
  scopeOfParameters,
  type Scope,
  type ScopeValue,
  type StepScope,
} from './expression/scope.js';
export {
  evaluateCondition,
  evaluateSecretText,
  evaluateTemplate,
  evaluateTemplates,
  type SecretText,
} from './expression/template.js';
export { compileGlob, type Glob } from './glob.js';
export {
  findInterfaceBreaks,
  mustStayCompatible,
  type DeclaredInterface,
  type DeclaredParameter,
  type InterfaceBreak,
} from './interface.js';
export { OUTPUT_TYPES, PERMISSION_KINDS } from './model.js';
export { BUILT_IN_ACTIONS, createCatalogue, findAction, isReservedAction } from './actions/catalogue.js';
export { checkForm } from './actions/check-form.js';
export { checkInput, checkInputs, type CheckedInputs, type InputProblem } from './actions/check-inputs.js';
export { findManifestProblems } from './actions/check-manifest.js';
export { inputSchemaOf, outputSchemaOf } from './actions/input-schema.js';
export { readToolFile, type ReadTool, type Tool, type ToolWork } from './actions/tool-file.js';
export { readServerFile, type ReadServer, type ToolServer } from './actions/server-file.js';
export { manifestOfTool } from './actions/server-tool.js';
export { suggest } from './suggest.js';
export { resolveUses, type Used, type UsesScope } from './actions/resolve.js';
export type {
  ActionDeprecation,
  ActionInput,
  ActionManifest,
  ActionOutput,
  ActionPermissions,
  Catalogue,
  CollectionInput,
} from './actions/manifest.js';
export type {
  ActionTemplate,
  ArtifactSpec,
  BundleSelection,
  EventTrigger,
  Foreach,
  JsonValue,
  OutputType,
  Parameter,
  Permissions,
  Requirements,
  Resources,
  Retry,
  ScheduleTrigger,
  Shell,
  Step,
  StepCache,
  Templates,
  ToolRequirement,
  Triggers,
  WebhookTrigger,
  Work,
  WorkflowDefinition,
} from './model.js';
export {
  parseNamespace,
  parseVersion,
  parseWorkflowId,
  parseWorkflowName,
  splitWorkflowId,
  type Namespace,
  type Version,
  type WorkflowId,
  type WorkflowName,
} from './names.js';
export type { Plan, PlanOptions, PlanStep, PlanWork, SubPlan } from './plan-model.js';
export { createPlan, listStepGraph } from './plan.js';
export { readSetting } from './overlay.js';
export type { SourceText } from './source/layers.js';
export { isVersionRange } from './range.js';
export { listDiagnosticRules, type DiagnosticRule } from './rules.js';
export { definitionSchema } from './schema/definition-schema.js';
export { evaluateAssertion, type Assertion } from './test-file/assertion.js';
export type {
  Expected,
  ExpectedStep,
  Mock,
  MockAttempt,
  TestEvent,
  WorkflowTest,
} from './test-file/model.js';
export { readTests, type ReadTests, type TestPlace } from './test-file/read-tests.js';
export { testSchema } from './test-file/schema.js';
export { nameOfPath, nameSteps } from './test-file/step-names.js';
export { createPlaceFinder, type PlaceFinder } from './source/place-finder.js';
export { findSizeBytes } from './size.js';
export { coversHost } from './validate/coverage.js';
export { readTomlDocument, type TomlDocument, type TomlPlace, type TomlProblem } from './source/document.js';
export { readStepGraph, type StepGraph, type StepNode } from './step-graph.js';
export { printable, quote } from './text.js';
export type { FindWorkflow, Surroundings, UsedWorkflow } from './uses.js';
export { listScripts, listSteps, type PlacedScope, type PlacedStep, type Script } from './walk.js';
