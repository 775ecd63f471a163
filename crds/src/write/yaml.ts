import { stringify } from 'yaml';
import { definitionOf } from '../definition.js';
import { GROUP, type Kind } from '../schema/kind.js';

/** The name of the file with a kind's definition. */
export function yamlName({ plural }: Kind): string {
  return `${GROUP}_${plural}.yaml`;
}

export function renderYaml(kind: Kind): string {
  const note = '# Written by `npm run crds` from crds/src. Edit that, not this.\n';
  return note + stringify(definitionOf(kind), { lineWidth: 0, aliasDuplicateObjects: false });
}
