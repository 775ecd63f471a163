import type { CompletedOption, CompletionNode, Takes } from './nodes.js';
import { casesOf, quoted, valued } from './shell-text.js';

/** A script for a folder of zsh's fpath, or for `source` after compinit. */
export function zshCompletion(nodes: readonly CompletionNode[]): string {
  const [flags, taking] = flagWords(nodes[0]!);
  const first = nodes[0]!.commands.map((each) => pair(each.name, each.description)).join(' ');
  const described = nodes.slice(1).map((node) => {
    const commands = node.commands.map((each) => pair(each.name, each.description)).join(' ');
    const [own, ownTaking] = flagWords(node);
    return [node.name, `commands=(${commands}) flags=(${own}) taking=(${ownTaking})`] as const;
  });
  const values = nodes.flatMap(({ name, options, arguments: places }) => [
    ...options
      .filter(valued)
      .flatMap(({ flags, takes }) => flags.map((flag) => [`${name} ${flag}`, zshAction(takes!)] as const)),
    ...places.map((takes, place) => [`${name} ${place}`, zshAction(takes)] as const),
  ]);
  return `#compdef aegis
# zsh completion for aegis, made by: aegis completion zsh
_aegis_words() {
  commands=(${first}) flags=() taking=()
  case $1 in
${casesOf(described)}
  esac
  # These hold everywhere.
  flags+=(${flags})
  taking+=(${taking})
}
_aegis_takes() {
  case $1 in
${casesOf(values)}
    *) return 1 ;;
  esac
}
_aegis() {
  local at=aegis value= word
  local -i position=0 i
  local -a commands flags taking
  _aegis_words aegis
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $value ]]; then
      value=
    elif [[ $word == -- ]]; then
      # What comes after it is a command with arguments of its own.
      shift $i words
      ((CURRENT -= i))
      _normal
      return
    elif [[ $word == -* ]]; then
      ((\${taking[(Ie)$word]})) && value=$word
    elif ((position == 0)) && ((\${commands[(I)$word:*]})); then
      at="$at $word"
      _aegis_words "$at"
    else
      position+=1
    fi
  done
  word=$words[CURRENT]
  if [[ -n $value ]]; then
    _aegis_takes "$at $value" || _aegis_takes "aegis $value"
  elif [[ $word == --*=* ]]; then
    value=\${word%%=*}
    compset -P '*='
    _aegis_takes "$at $value" || _aegis_takes "aegis $value"
  elif [[ $word == -* ]]; then
    _describe -o option flags
  else
    ((position == 0 && $#commands)) && _describe command commands
    _aegis_takes "$at $position"
  fi
}
if [[ $funcstack[1] == _aegis ]]; then _aegis "$@"; else compdef _aegis aegis; fi
`;
}

function zshAction(takes: Takes): string {
  if (typeof takes !== 'string') return `compadd -- ${takes.map(quoted).join(' ')}`;
  return { file: '_files', folder: '_files -/', program: '_command_names -e', anything: 'true' }[takes];
}

/** The flags of a command with what they mean, and those of them that take a value. */
function flagWords({ options }: CompletionNode): [string, string] {
  const taking = options.filter(valued).flatMap(({ flags }) => flags);
  return [options.flatMap(flagPairs).join(' '), taking.map(quoted).join(' ')];
}

function flagPairs({ flags, description }: CompletedOption): string[] {
  return flags.map((flag) => pair(flag, description));
}

/** As `_describe` reads them. */
function pair(name: string, description: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${description}`);
}
