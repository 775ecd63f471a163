/** A line of a definition: a field, a value of an enumeration, or a call of a service. */
export interface Member {
  readonly name: string;
  /** Its type, or for a call what goes there and back. */
  readonly type: string;
  readonly number: string;
  readonly comment: string;
  /** The choice that it belongs to, of which one at most is set. */
  readonly choice?: string;
}

export interface Definition {
  readonly kind: 'service' | 'message' | 'enum';
  readonly name: string;
  readonly comment: string;
  readonly members: readonly Member[];
}

const BEGIN = /^(service|message|enum) (\w+) \{(\})?$/;
const RPC = /^rpc (\w+)\((.+?)\) returns \((.+?)\);$/;
const FIELD = /^((?:repeated |optional )?[\w.]+|map<.+?>) (\w+) = (\d+)(?: \[.*\])?;$/;
const VALUE = /^(\w+) = (\d+);$/;

/**
 * Reads the definitions of one file of ours: a declaration a line, nothing nested but `oneof`. What it does not know it refuses,
 * with the line, so that nothing is left out of the reference unseen.
 */
export function readProto(file: string, text: string): Definition[] {
  const definitions: Definition[] = [];
  let comment: string[] = [];
  let open: { kind: Definition['kind']; name: string; comment: string; members: Member[] } | undefined;
  let choice: string | undefined;
  const take = (more: string): string => {
    const said = [...comment, more].filter((part) => part !== '').join(' ');
    comment = [];
    return said;
  };
  for (const [at, whole] of text.split('\n').entries()) {
    const [, code = '', trailing = ''] = /^\s*(.*?)\s*(?:\/\/\s*(.*))?$/.exec(whole) ?? [];
    if (code === '') {
      comment = trailing === '' && !whole.includes('//') ? [] : [...comment, trailing];
      continue;
    }
    const begin = BEGIN.exec(code);
    const member = open === undefined ? undefined : memberOf(code);
    if (begin !== null && open === undefined) {
      open = { kind: begin[1] as Definition['kind'], name: begin[2]!, comment: take(trailing), members: [] };
      if (begin[3] !== undefined) open = void definitions.push(open);
    } else if (open !== undefined && code.startsWith('oneof ')) {
      choice = code.split(' ')[1]!;
      comment = [];
    } else if (code === '}' && choice !== undefined) choice = undefined;
    else if (code === '}' && open !== undefined) open = void definitions.push(open);
    else if (open !== undefined && member !== undefined)
      open.members.push({ ...member, comment: take(trailing), ...(choice === undefined ? {} : { choice }) });
    else if (/^(?:syntax|package|import) /.test(code)) comment = [];
    else throw new Error(`${file}:${at + 1}: the reference cannot be made: what is ${JSON.stringify(code)}?`);
  }
  return definitions;
}

function memberOf(code: string): Omit<Member, 'comment'> | undefined {
  const rpc = RPC.exec(code);
  if (rpc !== null) return { name: rpc[1]!, type: `${rpc[2]} → ${rpc[3]}`, number: '' };
  const field = FIELD.exec(code);
  if (field !== null) return { name: field[2]!, type: field[1]!, number: field[3]! };
  const value = VALUE.exec(code);
  return value === null ? undefined : { name: value[1]!, type: '', number: value[2]! };
}
