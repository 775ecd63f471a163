import type { CompletedOption, CompletionNode, Takes } from './nodes.js';
import { fishQuoted, valued } from './shell-text.js';

/** A script for ~/.config/fish/completions/aegis.fish. */
export function fishCompletion(nodes: readonly CompletionNode[]): string {
  const names = nodes
    .slice(1)
    .map(({ name }) => fishQuoted(name))
    .join(' ');
  const taking = [
    ...new Set(nodes.flatMap(({ options }) => options.filter(valued).flatMap(({ flags }) => flags))),
  ];
  return `# fish completion for aegis, made by: aegis completion fish
# The command that was typed so far, and how many arguments came after it.
function __aegis_at
    set -l at aegis
    set -l position 0
    set -l value 0
    for word in (commandline -opc)[2..-1]
        if test $value = 1
            set value 0
        else if test "$word" = --
            set position (math $position + 1)
        else if string match -q -- '-*' $word
            contains -- $word ${taking.map(fishQuoted).join(' ')}; and set value 1
        else if test $position = 0; and contains -- "$at $word" ${names}
            set at "$at $word"
        else
            set position (math $position + 1)
        end
    end
    echo "$at $position"
end
function __aegis_in
    string match -q -- "$argv[1] *" (__aegis_at)
end
function __aegis_before
    test (__aegis_at) = "$argv[1] $argv[2]"
end
complete -c aegis -f
${nodes.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, commands, options, arguments: places }: CompletionNode): string[] {
  const at = (condition: string): string => `complete -c aegis -n ${fishQuoted(condition)}`;
  return [
    ...commands.map(
      (each) =>
        `${at(`__aegis_before "${name}" 0`)} -a ${fishQuoted(each.name)} -d ${fishQuoted(each.description)}`,
    ),
    // The options of aegis itself hold everywhere.
    ...options.map(
      (option) => (name === 'aegis' ? 'complete -c aegis' : at(`__aegis_in "${name}"`)) + optionText(option),
    ),
    ...places.flatMap((takes, place) => {
      const what = argumentText(takes);
      return what === '' ? [] : [`${at(`__aegis_before "${name}" ${place}`)}${what}`];
    }),
  ];
}

function optionText({ flags, description, takes }: CompletedOption): string {
  const named = flags.map((flag) =>
    flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`,
  );
  const value = takes === undefined ? '' : takes === 'anything' ? ' -x' : ` -r${argumentText(takes)}`;
  return `${named.join('')}${value} -d ${fishQuoted(description)}`;
}

function argumentText(takes: Takes): string {
  if (typeof takes !== 'string') return ` -f -a ${fishQuoted(takes.join(' '))}`;
  return {
    file: ' -F',
    folder: " -f -a '(__fish_complete_directories)'",
    program: " -f -a '(__fish_complete_command)'",
    anything: '',
  }[takes];
}
