import type { GrammarCommand } from './grammar.js';
import { checked, formatFlags, formatPositionals } from './words-of.js';

/** The script for PowerShell 5.1 or newer, to be dotted from a profile. */
export function renderPowerShell(grammar: readonly GrammarCommand[], topics: readonly string[]): string {
  const list = (words: readonly string[]): string => `@(${words.map((word) => `'${word}'`).join(', ')})`;
  const rows = grammar.map(
    (command) =>
      `  '${command.path}' = @{ Subs = ${list(command.subs.map(({ name }) => checked(name)))}; Flags = ${list(formatFlags(command))}; Kinds = ${list(formatPositionals(command))} }`,
  );
  return `# Completion of sheaf for PowerShell. It reads names that sheaf has seen from files, and runs no sheaf.
$SheafGrammar = @{
${rows.join('\n')}
}

function Get-SheafOffer([string] $Offer, [string] $Cur, [string] $First) {
  if ($Offer.StartsWith('=')) { return $Offer.Substring(1).Split(',') }
  foreach ($kind in $Offer.Split('+')) {
    if ($kind -eq '-' -or $kind -eq 'file' -or $kind -eq 'folder') { continue }
    if ($kind -eq 'verb') { $SheafGrammar[''].Subs; continue }
    if ($kind -eq 'topic') { ${list(topics.map(checked))}; continue }
    if ($kind -eq 'name') {
      if (Test-Path -LiteralPath 'sheaf.toml') {
        $table = ''
        Get-Content -LiteralPath 'sheaf.toml' -TotalCount 2000 | ForEach-Object {
          if ($_ -match '^\\[') { $table = $_ }
          elseif ($table -like '\`[workflows\`]*' -and $_ -match '^\\s*([A-Za-z0-9_-]+)\\s*=') { $Matches[1] }
        }
      }
      continue
    }
    $before = ''
    if ($kind -eq 'parameter') {
      if (-not $First) { continue }
      $before = $First.Split('@')[0] + '/'
    }
    $dir = $env:XDG_CACHE_HOME
    if (-not $dir) { $dir = Join-Path $HOME '.cache' }
    $file = Join-Path $dir "sheaf/completion/$kind"
    if ((Test-Path -LiteralPath $file -PathType Leaf) -and -not (Get-Item -LiteralPath $file -Force).LinkType) {
      Get-Content -LiteralPath $file -TotalCount 10000 |
        Where-Object { $_.StartsWith($before + $Cur) -and $_ -match '^[A-Za-z0-9][A-Za-z0-9:/@._+-]*$' } |
        Select-Object -First 200 |
        ForEach-Object { if ($before) { $_.Substring($before.Length) + '=' } else { $_ } }
    }
  }
}

Register-ArgumentCompleter -Native -CommandName sheaf -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -First ($words.Count - 1)) }
  $path = ''
  $offer = ''
  $at = 0
  $first = ''
  $spec = $SheafGrammar['']
  foreach ($word in $words) {
    if ($offer -ne '') { $offer = ''; continue }
    if ($word.StartsWith('-')) {
      foreach ($flag in $spec.Flags) {
        if ($flag.StartsWith($word + ':')) { $offer = $flag.Substring($word.Length + 1) }
      }
      continue
    }
    if ($spec.Subs.Count -gt 0) {
      $path = ($path + ' ' + $word).Trim()
      if (-not $SheafGrammar.ContainsKey($path)) { return }
      $spec = $SheafGrammar[$path]
    } else {
      if (-not $first) { $first = $word }
      $at += 1
    }
  }
  $offered = @()
  if ($offer -ne '') { $offered = Get-SheafOffer $offer $wordToComplete $first }
  elseif ($wordToComplete.StartsWith('-')) {
    $offered = $spec.Flags | ForEach-Object { $_.Split(':')[0] }
  }
  elseif ($spec.Subs.Count -gt 0) { $offered = $spec.Subs }
  else {
    $kinds = @($spec.Kinds | Where-Object { $_ -ne '*' })
    if ($at -lt $kinds.Count) { $offered = Get-SheafOffer $kinds[$at] $wordToComplete }
    elseif ($spec.Kinds -contains '*') { $offered = Get-SheafOffer $kinds[-1] $wordToComplete }
  }
  $offered | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}
