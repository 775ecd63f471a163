import { SHELLS } from '../../completion/shells.js';
import type { Pages } from '../page.js';

/** Of the command itself. */
export const HELP_PAGES: Pages = {
  help: {
    examples: ['aegis help', 'aegis help kv get', 'aegis help members --json'],
    exits: { 2: 'there is no such command' },
    json: 'the page as a document; without a command, an array of all pages',
  },
  completion: {
    notes: `\
bash: source <(aegis completion bash), in ~/.bashrc; or save it as aegis in the folder of bash-completion.
zsh:  save it as _aegis in a folder of fpath, before compinit; or source <(aegis completion zsh) after it.
fish: aegis completion fish > ~/.config/fish/completions/aegis.fish

It knows commands, options, files, profiles and the traces of chaos. It asks no cluster: names of locks and keys are not completed.`,
    examples: ['aegis completion bash', 'aegis completion fish > ~/.config/fish/completions/aegis.fish'],
    json: '{"shell", "script"}',
    completes: { shell: () => SHELLS },
  },
};
