import type { CompletedOption, CompletionNode, Takes } from './nodes.js';
import { casesOf, quoted, valued } from './shell-text.js';

/** A script that bash reads with `source`. It needs nothing of bash-completion, and runs in bash 3.2, too. */
export function bashCompletion(nodes: readonly CompletionNode[]): string {
  const [flags, taking] = flagWords(nodes[0]!);
  const words = nodes.slice(1).map((node) => {
    const commands = node.commands.map(({ name }) => name).join(' ');
    const [own, ownTaking] = flagWords(node);
    return [
      node.name,
      `commands=${quoted(commands)} flags=${quoted(own)} taking=${quoted(ownTaking)}`,
    ] as const;
  });
  const first = nodes[0]!.commands.map(({ name }) => name).join(' ');
  return `# bash completion for aegis, made by: aegis completion bash
_aegis_words() {
  commands=${quoted(first)} flags= taking=
  case $1 in
${casesOf(words)}
  esac
  # These hold everywhere.
  flags="$flags ${flags}" taking="$taking ${taking}"
}
_aegis_takes() {
  words= kind=
  case $1 in
${casesOf(casesOfValues(nodes))}
  esac
}
_aegis() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at=aegis value= position=0 word i commands flags taking words kind
  COMPREPLY=()
  _aegis_words aegis
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $value ]]; then
      # --dir=/tmp comes in three words.
      [[ $word == = ]] || value=
    elif [[ $word == -- ]]; then
      if ((i + 1 == COMP_CWORD)); then COMPREPLY=($(compgen -c -- "$cur")); else _aegis_files -f; fi
      return
    elif [[ $word == -* ]]; then
      [[ " $taking " == *" $word "* ]] && value=$word
    elif ((position == 0)) && [[ " $commands " == *" $word "* ]]; then
      at="$at $word"
      _aegis_words "$at"
    else
      position=$((position + 1))
    fi
  done
  [[ $cur == = ]] && cur=
  if [[ -n $value ]]; then
    _aegis_takes "$at $value"
    [[ -n $kind ]] || _aegis_takes "aegis $value"
  elif [[ $cur == -* ]]; then
    kind=words words=$flags
  else
    _aegis_takes "$at $position"
    ((position == 0)) && words="$commands $words" && [[ -n $commands && -z $kind ]] && kind=words
  fi
  case $kind in
    words) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    program) COMPREPLY=($(compgen -c -- "$cur")) ;;
    file) _aegis_files -f; COMPREPLY+=($(compgen -W "$words" -- "$cur")) ;;
    folder) _aegis_files -d; COMPREPLY+=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
_aegis_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
complete -F _aegis aegis
`;
}

/** The flags of a command, and those of them that take a value. */
function flagWords({ options }: CompletionNode): [string, string] {
  const words = (some: readonly CompletedOption[]): string => some.flatMap(({ flags }) => flags).join(' ');
  return [words(options), words(options.filter(valued))];
}

/** Values by the option's flag, arguments by their place. */
function casesOfValues(nodes: readonly CompletionNode[]): (readonly [string, string])[] {
  return nodes.flatMap(({ name, options, arguments: places }) => [
    ...options
      .filter(valued)
      .flatMap(({ flags, takes }) => flags.map((flag) => [`${name} ${flag}`, bashKind(takes!)] as const)),
    ...places.map((takes, place) => [`${name} ${place}`, bashKind(takes)] as const),
  ]);
}

function bashKind(takes: Takes): string {
  return typeof takes === 'string' ? `kind=${takes}` : `kind=words words=${quoted(takes.join(' '))}`;
}
