import type { Explanation } from './explanation.js';

/** Why a run or a step did not do what it should. */
export const RUNNING: Readonly<Record<string, Explanation>> = {
  'expression.budget': ['An expression takes too long', 'Its work is capped', 'Make it simpler'],
  'expression.division': ['An expression divides by zero', 'A value was zero', 'Check the parameters'],
  'expression.failed': [
    'An expression could not be evaluated',
    'The reason says which value was missing or of another type',
    'Correct the expression or the step that gives the value',
  ],
  'expression.missing': [
    'An expression names a value that is not there',
    'The step that should give it was skipped, or gave none',
    'Ask with `has(…)` first, or make the step give it',
  ],
  'expression.overflow': [
    'A value of an expression is too large',
    'Texts and lists are capped',
    'Make it smaller',
  ],
  'expression.value': [
    'A function of an expression was given a value that it cannot take',
    'A text was not what it was read as, like a number or a time, or a place was outside',
    'Check the value first, or correct what gives it',
  ],
  'isolation.unavailable': [
    'The steps of a run cannot be isolated on this machine',
    'What was fetched runs in bubblewrap, which is missing here or may not make namespaces',
    '`apt-get install bubblewrap`; or run it with what you may do yourself: `--profile permissive`',
  ],
  'journal.corrupt': [
    'The journal of a run cannot be read',
    'The disk lost a part of it',
    'Run the workflow again',
  ],
  'output.invalid': [
    'What a step wrote to its output file is not valid',
    'It must be JSON or NAME=VALUE lines',
    'Look at its log: `sheaf logs RUN STEP`',
  ],
  'output.too_large': [
    'A step gave more than an output may hold',
    'Outputs are capped',
    'Write it to a file instead',
  ],
  'parameter.missing': ['A parameter has no value', 'It is required and has no default', '`-p NAME=VALUE`'],
  'parameter.unknown': [
    'The workflow has no such parameter',
    'The name is another',
    '`sheaf info REF`, or `sheaf plan` of the folder, lists them',
  ],
  'pattern.budget': ['A pattern takes too long', 'Its work is capped', 'Make it simpler'],
  'pattern.invalid': ['A pattern cannot be read', 'It is not in the supported form', 'Correct it'],
  'plan.cycle': [
    'Steps need each other in a circle',
    'None of them could be first',
    '`sheaf validate` names them',
  ],
  'plan.action': [
    'A step uses an action that there is not',
    'The definition was not validated, or comes with tools that are not here',
    '`sheaf validate` names the actions that there are',
  ],
  'plan.invalid': [
    'A plan cannot be run',
    'It was changed, or made by another version',
    'Make it anew: run the workflow again',
  ],
  'plan.unsupported': [
    'A workflow uses what this version does not run',
    'It was made for a later version',
    'Use a version of sheaf that has it',
  ],
  'plan.workflow': [
    'A workflow that a step uses cannot be planned',
    'It was not fetched, or the two use each other',
    '`sheaf add` the workflow that is named',
  ],
  'platform.unsupported': [
    'The engine does not run on this system',
    'It needs process groups',
    'Use Linux or macOS',
  ],
  'process.stuck': [
    'A process of a step could not be ended',
    'The system did not let it',
    'End it by hand; the message names it',
  ],
  'requirement.missing': [
    'A program that the workflow needs is missing or too old',
    'Its definition asks for it',
    'Install it',
  ],
  'artifact.unwritable': [
    'A file that a run has kept cannot be copied there',
    'The folder cannot be written to, or has a file of that name',
    'Name another folder: `sheaf artifacts RUN --out DIR`',
  ],
  'artifact.missing': [
    'A file that the workflow declares could not be kept',
    'No step made it, it is no file, or it is outside of the workspace',
    'See what the steps wrote: `sheaf logs RUN`',
  ],
  'event.invalid': [
    'The event cannot be sent',
    'Its source is no name, it is too large, or too many wait already',
    'The message says which; send less, or go on with the run first',
  ],
  'event.missed': [
    'The event that the step waited for did not come in time',
    'Nobody sent one that matches before its timeout',
    'Send one sooner: `sheaf event send RUN SOURCE`',
  ],
  'parameter.invalid': [
    'A parameter has a value that does not fit',
    'The workflow declares another type or form, or a step calls it with something else',
    'See what it takes: `sheaf plan REF`',
  ],
  'step.inner_failed': [
    'The step failed because a step in it did',
    'Its failure counts',
    'See that one: `sheaf status RUN`',
  ],
  'step.not_asked': [
    'The step was left out',
    'Who started the run wanted that: `--skip`',
    'Run again without `--skip` to have it',
  ],
  'step.too_large': [
    'The step would open too many others',
    'Its list is too long',
    'Give each item a part of the list',
  ],
  'run.active': [
    'The run is still going on',
    'Another process has it',
    'Wait, or stop it: `sheaf cancel RUN`',
  ],
  'run.cancelled': ['The run was cancelled', 'Somebody stopped it', '`sheaf resume RUN` goes on'],
  'run.failed': ['The run failed', 'A step failed whose failure counts', 'See the step: `sheaf logs RUN`'],
  'run.folder_missing': [
    'The folder of the run is gone',
    'It was moved or deleted',
    'Run the workflow again',
  ],
  'run.not_found': [
    'There is no such run on this machine',
    'The id is another, or it was cleaned up',
    '`sheaf status` lists them',
  ],
  'run.not_stopped': ['The run did not stop in time', 'A step does not end', 'Run `sheaf cancel` again'],
  'run.origin_missing': [
    'What the run came from is not here any more',
    'The bundle or folder was removed',
    'Run the workflow again',
  ],
  'step.cancelled': [
    'The step was stopped because the run was',
    'Somebody stopped the run',
    '`sheaf resume RUN` goes on',
  ],
  'step.environment': [
    'The environment of the step could not be made',
    'A variable is too large or malformed',
    'Check its parameters and `env`',
  ],
  'step.exit': [
    'The script of the step ended with another code than 0',
    'It failed by itself',
    'See its log: `sheaf logs RUN STEP`',
  ],
  'step.failed': [
    'A step of the run failed',
    'Its last lines are shown',
    'See its log: `sheaf logs RUN STEP`',
  ],
  'step.interrupted': [
    'The engine was stopped while the step ran',
    'The machine or the process went down',
    '`sheaf resume RUN` goes on',
  ],
  'step.need_failed': ['The step was not run', 'A step that it needs failed', 'Mend that one first'],
  'step.not_found': ['The run has no such step', 'The id is another', '`sheaf status RUN` lists them'],
  'step.signal': [
    'Something outside the engine killed the step',
    'The system ran out of memory, or somebody did it',
    'Look at the log of the system, then run it again',
  ],
  'step.spawn': [
    'The shell of the step could not be started',
    'It is not installed, or the limit of processes is reached',
    'Install it',
  ],
  'step.processes': [
    'The step began more processes than it may',
    'It starts itself again and again, or a great many at once',
    'Find out what it starts: `sheaf logs RUN STEP`',
  ],
  'step.timeout': [
    'The step took longer than it may',
    'Its definition says how long',
    'Raise `timeout`, or find out what it waits for',
  ],
  'step.when': ['The step was not run', 'Its condition was false', 'Nothing is wrong'],
  'store.closed': ['The store of runs was closed already', 'Two things used it at once', 'Report it'],
  'store.failed': [
    'The store of runs cannot be opened',
    'The disk is full or the file cannot be written',
    'See the path that the message names; `XDG_STATE_HOME` puts it elsewhere',
  ],
  'store.newer': [
    'The store of runs was written by a newer version',
    'An older one could damage it',
    'Upgrade sheaf',
  ],
  'run.ambiguous': [
    'Several runs begin with these characters',
    'An id may be shortened as long as one run is meant',
    'Write more of it: `sheaf status` lists them',
  ],
  'run.definition_changed': [
    'The definition is another one than the run had',
    'What was done no longer fits what follows',
    'Run the workflow from the start',
  ],
  'run.ended': ['The run has ended already', 'There is nothing left to stop', '`sheaf status RUN` shows how'],
  'workspace.busy': [
    'Somebody else is at work in the workspace',
    'Another run was begun with it, and goes on',
    'Wait for that, or end it: `sheaf cancel RUN`',
  ],
  'workspace.failed': [
    'The workspace could not be made or removed',
    'git or jj said no, or the disk did; the message has its words',
    'Mend what it names, or work where you are: `--workspace inherit`',
  ],
  'workspace.link': [
    'What is to be copied has a link that leads out of it',
    'The copy would change what lies outside',
    'Remove the link, or work where you are: `--workspace inherit`',
  ],
  'workspace.too_large': [
    'The folder is too large to copy',
    'A copy has at most 200,000 files and 4 GiB',
    'Make it a git repository, or work where you are: `--workspace inherit`',
  ],
  'workspace.unusable': [
    'There is nothing that a workspace could be made of',
    'The repository has no commit, or not that one any more; or the folder that was named is not there; or files of an ephemeral one were to be kept',
    'Commit first, or work where you are: `--workspace inherit`',
  ],
  'workspace.no_shell': [
    'Your shell could not be started',
    'The variable `SHELL` names a program that is not there',
    '`SHELL=/bin/sh sheaf workspace shell RUN`',
  ],
  'workspace.not_found': [
    'The run has left nothing behind',
    'It was cleaned up, or never had a folder',
    '`sheaf workspace list`',
  ],
};
