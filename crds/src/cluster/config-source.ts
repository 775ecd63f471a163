import { group, list } from '../schema/composites.js';
import { flag, objectName, text, whole } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';

/** A path inside a repository or a volume. */
export function relativePath(description: string) {
  return text(description, {
    min: 1,
    max: 512,
    pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$',
  });
}

export const configSource = group(
  'Where the settings come from by merge. With it, consensus must be absent: the file at path decides, and only what was merged there by a person.',
  {
    repository: text('The GitHub repository, as owner/name.', {
      min: 3,
      max: 140,
      pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$',
    }),
    branch: text('The branch whose head decides.', {
      min: 1,
      max: 244,
      pattern: '^[A-Za-z0-9_][A-Za-z0-9._/-]*$',
      default: 'main',
    }),
    path: relativePath(
      'The settings document in the repository: apiVersion, kind, metadata and spec.consensus.',
    ),
    apiUrl: text('The API of the forge.', {
      max: 512,
      pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$',
      default: 'https://api.github.com',
    }),
    secretName: optional(
      objectName(
        'The Secret with the key `token`, which reads the repository. Missing: a public one, read without.',
      ),
    ),
    allowDirectPush: flag('Whether a commit without a pull request counts.', { default: false }),
    mergeBots: optional(
      list(
        "Bots of a merge queue whose merges count if a person approved the request's head.",
        text('The login of the bot.', { min: 1, max: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9-]*(\\[bot\\])?$' }),
        { max: 8, merge: 'set' },
      ),
    ),
    pollSeconds: whole('How often the branch is asked for, in seconds.', { min: 10, max: 3600, default: 60 }),
  },
);
