import { Type } from '@sinclair/typebox';
import { oneOf, text, whole } from './fields.js';

/** What was decided about a run, or about an attempt at a step. */
export const decisionFields = {
  step: Type.Optional(text('path of the step; missing for the whole run')),
  attempt: Type.Optional(whole('which attempt at it, from 1')),
  subject: oneOf(
    [
      'profile',
      'sandbox',
      'publisher',
      'permissions',
      'network',
      'exec',
      'read',
      'write',
      'secret',
      'image',
      'ceiling',
    ],
    'what it is about; `sandbox`: what processes run in, `permissions`: all that a workflow asks for',
  ),
  result: oneOf(['allowed', 'limited', 'refused'], '`limited`: less than was asked for'),
  value: text(
    'the profile, host, program, path, image or key, the name of a secret, or what a sandbox lets through',
  ),
  by: oneOf(
    ['asked', 'before', 'consent', 'default', 'flag', 'machine', 'policy', 'variable', 'workflow'],
    'what decided: nobody asked for anything else, a flag or variable, a question, an agreement, what the workflow declares, a policy file, what is on the machine, or what the run had before',
  ),
  why: Type.Optional(text('one line, for people')),
};

export const isolation = Type.Object(
  {
    profile: oneOf(['secure', 'permissive', 'disabled'], 'how it is held to what the workflow declares'),
    sandbox: oneOf(['bwrap', 'none'], 'what its processes run in'),
  },
  { description: 'what stands between it and the machine' },
);
