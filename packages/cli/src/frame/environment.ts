/** A variable that the command line reads. */
export interface Variable {
  readonly name: string;
  /** What it says, for `sheaf help environment`. */
  readonly meaning: string;
}

/** Every variable of the environment that means something to sheaf. No step of a workflow gets the `SHEAF_…` ones. */
export const ENVIRONMENT: readonly Variable[] = [
  { name: 'SHEAF_REGISTRY', meaning: 'the registry to use: an address, or a name that is configured' },
  {
    name: 'SHEAF_TOKEN',
    meaning: 'an access token for the registry that SHEAF_REGISTRY or the configuration names',
  },
  { name: 'SHEAF_ACCOUNT', meaning: 'the account to use, of several that are signed in to a registry' },
  { name: 'SHEAF_LOG_KEY', meaning: 'the log key to pin at the first contact, without a question' },
  { name: 'SHEAF_SIGNING_KEY', meaning: 'a signing key: PEM, its base64, or a file' },
  { name: 'SHEAF_KEY_PASSPHRASE', meaning: 'the passphrase of a signing key' },
  { name: 'SHEAF_VAULT_PASSPHRASE', meaning: 'the passphrase of the vault that secrets are in' },
  {
    name: 'SHEAF_TRUST_POLICY',
    meaning: 'a trust.toml that counts beside those of the user and the machine',
  },
  { name: 'SHEAF_ID_TOKEN', meaning: 'the identity token of a job, for trusted publishing outside GitHub' },
  { name: 'SHEAF_ID_TOKEN_AUDIENCE', meaning: 'the audience of identity tokens in CI' },
  {
    name: 'SHEAF_PROFILE',
    meaning:
      'how steps are held to what they declare, where --profile does not say: secure, permissive, disabled',
  },
  { name: 'SHEAF_NO_UPDATE_NOTICE', meaning: 'anything but empty: nothing is said of newer versions' },
  {
    name: 'SHEAF_ACCESSIBLE',
    meaning: '1: nothing is redrawn, choices are numbered, a line for each change',
  },
  { name: 'SHEAF_DEBUG', meaning: '1 prints the stack of an error as well' },
  {
    name: 'XDG_CONFIG_HOME',
    meaning: 'where sheaf/ with configuration, tokens and keys lies (default ~/.config)',
  },
  {
    name: 'XDG_STATE_HOME',
    meaning: 'where sheaf/ with pins, agreements, runs and secrets lies (default ~/.local/state)',
  },
  { name: 'XDG_CACHE_HOME', meaning: 'where sheaf/ with fetched workflows lies (default ~/.cache)' },
  { name: 'CI', meaning: 'anything but empty, 0 or false: nobody is asked, and run implies --locked' },
  { name: 'NO_COLOR', meaning: 'anything but empty: no colours' },
  { name: 'FORCE_COLOR', meaning: 'colours also in a pipe, as CLICOLOR_FORCE; 0 for none, as CLICOLOR=0' },
  { name: 'LC_ALL', meaning: 'with LC_CTYPE and LANG: whether the terminal takes more than ASCII' },
  {
    name: 'PAGER',
    meaning: 'what shows long text on a terminal (default less -FIRX); cat or empty for none',
  },
  { name: 'TERM', meaning: 'dumb: no colours, nothing is redrawn' },
  { name: 'BROWSER', meaning: 'the program that opens the page of a sign-in' },
  {
    name: 'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
    meaning:
      'proxies for requests, and hosts that are asked without one; in either case, never for this machine itself',
  },
  {
    name: 'GITHUB_ACTIONS, GITLAB_CI',
    meaning: 'true: failures become annotations, output is grouped, identity tokens are found',
  },
  { name: 'TF_BUILD', meaning: 'true, as on Azure Pipelines: nothing that is printed can command its log' },
  { name: 'TEAMCITY_VERSION', meaning: 'set, as on TeamCity: nothing that is printed can command its log' },
  { name: 'GITHUB_STEP_SUMMARY', meaning: 'the file in which a job on GitHub tells how a run ended' },
  {
    name: 'GITHUB_WORKSPACE, CI_PROJECT_DIR',
    meaning: 'the checkout of a job, from which annotations name files',
  },
  { name: 'HOME', meaning: 'what ~ means; sheaf.toml is not looked for above it. Windows: USERPROFILE' },
  { name: 'SHELL', meaning: 'whose completion sheaf doctor looks at' },
  {
    name: 'SSH_CONNECTION, SSH_TTY',
    meaning: 'set where the terminal is another machine’s: a sign-in opens no browser',
  },
  { name: 'DISPLAY, WAYLAND_DISPLAY', meaning: 'where neither is set on Linux, a sign-in opens no browser' },
  { name: 'DBUS_SESSION_BUS_ADDRESS', meaning: 'set on a Linux desktop: its keyring can be asked' },
  { name: 'USER, USERNAME', meaning: 'the namespace that init proposes where nothing else names one' },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    meaning: 'a file with certificates of authorities that count beside those of Node; read by Node itself',
  },
  { name: 'TRACEPARENT', meaning: 'a W3C trace that the requests to the registry belong to' },
];
