import type { CompletedCommand } from './completed.ts'

type Commands = readonly CompletedCommand[]

/** Asks the atlas of the workspace. Where none is on the PATH, npx finds it, and installs nothing. */
const ask = `_atlas_ask() {
  if (unalias atlas; unset -f atlas; command -v atlas) >/dev/null 2>&1; then command atlas completion "$1" 2>/dev/null
  else npx --no-install atlas completion "$1" 2>/dev/null </dev/null
  fi
}`

/** Sets offered, asked and files for the command in path and the word before, in what bash and zsh have in common. */
function lookup(commands: Commands): string {
  const values = commands.flatMap(({ path, options }) =>
    options.map(
      ({ flag, words, asked = '' }) =>
        `    '${path} ${flag}') offered='${words.join(' ')}' asked='${asked}' files='${words.length > 0 || asked ? '' : 'yes'}' ;;`,
    ),
  )
  const paths = commands.map(
    ({ path, words, asked = '' }) =>
      `    '${path}') offered='${words.join(' ')}' asked='${asked}' files='' ;;`,
  )
  return `_atlas_walk() {
  case "$1" in
${commands
  .slice(1)
  .map(({ path }) => `    '${path}') return 0 ;;`)
  .join('\n')}
  esac
  return 1
}
_atlas_lookup() {
  case "$1 $2" in
${values.join('\n')}
    *) case "$1" in
${paths.join('\n')}
    esac ;;
  esac
}`
}

/** The completion script of `atlas` for bash, of 3.2 and later. */
export function bashScript(commands: Commands): string {
  return `# bash completion of atlas. In ~/.bashrc: source <(npx atlas completion bash)
${ask}
${lookup(commands)}
_atlas() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path=atlas offered='' asked='' files='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if _atlas_walk "$path \${COMP_WORDS[i]}"; then path="$path \${COMP_WORDS[i]}"; fi
  done
  _atlas_lookup "$path" "$before"
  if [ -n "$asked" ] && [ "\${cur#-}" = "$cur" ]; then offered="$offered $(_atlas_ask "$asked")"; fi
  COMPREPLY=()
  # Without an answer bash completes files.
  if [ -z "$files" ]; then COMPREPLY=($(compgen -W "$offered" -- "$cur")); fi
}
complete -o bashdefault -o default -F _atlas atlas`
}

/** The completion script of `atlas` for zsh. */
export function zshScript(commands: Commands): string {
  return `#compdef atlas
# zsh completion of atlas. In ~/.zshrc, after compinit: source <(npx atlas completion zsh)
${ask}
${lookup(commands)}
_atlas() {
  local line=("\${words[@]}") at=$CURRENT route=atlas i
  local offered='' asked='' files=''
  for ((i = 2; i < at; i++)); do
    if _atlas_walk "$route $line[i]"; then route="$route $line[i]"; fi
  done
  _atlas_lookup "$route" "$line[at-1]"
  if [[ -n $asked && $line[at] != -* ]]; then offered="$offered $(_atlas_ask $asked)"; fi
  if [[ -n $files ]]; then _files; else compadd -- \${=offered} || _files; fi
}
compdef _atlas atlas`
}

/** The completion script of `atlas` for fish. */
export function fishScript(commands: Commands): string {
  const cases = (lines: readonly string[]) => lines.map((line) => `        ${line}`).join('\n')
  const answer = (words: readonly string[], asked?: string) =>
    [
      ...(words.length > 0 ? [`printf '%s\\n' ${words.join(' ')}`] : []),
      ...(asked ? [`_atlas_ask ${asked}`] : []),
      ...(words.length === 0 && !asked ? ['__fish_complete_path (commandline -ct)'] : []),
    ].join('; ')
  return `# fish completion of atlas. In ~/.config/fish/config.fish: npx atlas completion fish | source
function _atlas_ask
    if type -fq atlas
        command atlas completion $argv[1] 2>/dev/null
    else
        npx --no-install atlas completion $argv[1] 2>/dev/null </dev/null
    end
end
function _atlas_complete
    set -l tokens (commandline -opc)
    set -l path atlas
    for word in $tokens[2..-1]
        switch "$path $word"
            case ${commands
              .slice(1)
              .map(({ path }) => `'${path}'`)
              .join(' ')}
                set path "$path $word"
        end
    end
    switch "$path $tokens[-1]"
${cases(commands.flatMap(({ path, options }) => options.map(({ flag, words, asked }) => `case '${path} ${flag}'; ${answer(words, asked)}; return`)))}
    end
    switch "$path"
${cases(commands.map(({ path, words, asked }) => `case '${path}'; ${answer(words, asked)}`))}
    end
end
complete -c atlas -f -a '(_atlas_complete)'`
}
