import { CLASSES, EFFECTS, FAULTS, type Effect, type FaultKind, type Where } from '@aegis/agent/diagnose';
import { FileError } from './errors.js';
import { CONTROLS, FORMAT, REASONS, VERSION, type Label, type LabelFile, type Rejection } from './label.js';

const CASES_MAX = 1_000;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const PLACES = ['network', 'cluster', 'clients', 'settings'] as const;

/** Checks what was read as the labels of a set. Throws FileError that names the field. */
export function checkLabelFile(given: unknown, path: string): LabelFile {
  const file = new Field(given, '', path);
  if (file.at('format').value !== FORMAT || file.at('version').value !== VERSION)
    file.wrong(`the file has to say "format": "${FORMAT}", "version": ${VERSION}`);
  const cases = file.at('cases').list(CASES_MAX).map(label);
  const ids = cases.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) file.at('cases').wrong(`two cases are called ${twice}`);
  return {
    format: FORMAT,
    version: VERSION,
    set: file.at('set').name(),
    seed: file.at('seed').whole(),
    guarded: file.at('guarded').flag(),
    cases,
    rejections: file.at('rejections').list(CASES_MAX).map(rejection),
  };
}

function label(field: Field): Label {
  const control = field.at('control').orNull((each) => each.oneOf(CONTROLS));
  const cause = field.at('cause').orNull((each) => ({
    fault: each.at('fault').oneOf(Object.keys(FAULTS) as FaultKind[]),
    at: each.at('at').list(16).map(where),
  }));
  const classes = field
    .at('classes')
    .list(CLASSES.length)
    .map((each) => each.oneOf(CLASSES));
  const read: Label = {
    id: field.at('id').name(),
    control,
    template: field.at('template').name(),
    seed: field.at('seed').whole(),
    heldOut: field.at('heldOut').flag(),
    confounded: field.at('confounded').flag(),
    classes: CLASSES.filter((name) => classes.includes(name)),
    cause,
    path: field.at('path').orNull((each) => each.list(100).map(effect)),
    injectedMs: field.at('injectedMs').orNull((each) => each.whole()),
    endedMs: field.at('endedMs').orNull((each) => each.whole()),
  };
  if (control === null) {
    if (cause === null || cause.at.length === 0) field.wrong('an incident has a cause, and a place of it');
    if (classes.length === 0) field.wrong('an incident has a class');
    if (read.injectedMs === null || read.endedMs === null || read.endedMs < read.injectedMs)
      field.wrong('an incident has been injected, and ended no sooner');
  } else if (cause !== null || classes.length > 0) field.wrong('a control has neither a cause nor a class');
  return read;
}

function rejection(field: Field): Rejection {
  return {
    template: field.at('template').name(),
    seed: field.at('seed').whole(),
    control: field.at('control').orNull((each) => each.oneOf(CONTROLS)),
    reason: field.at('reason').oneOf(REASONS),
    detail: field.at('detail').text(),
  };
}

function effect(field: Field): Effect {
  return { effect: field.at('effect').oneOf(EFFECTS), at: where(field.at('at')) };
}

function where(field: Field): Where {
  if (typeof field.value === 'string') return field.oneOf(PLACES);
  if (field.has('replica')) return { replica: field.at('replica').name() };
  return { from: field.at('from').name(), to: field.at('to').name() };
}

/** A value in the file, with the way to it for errors. */
class Field {
  constructor(
    readonly value: unknown,
    private readonly way: string,
    private readonly path: string,
  ) {}

  wrong(what: string): never {
    throw new FileError(this.path, what, this.way);
  }

  has(name: string): boolean {
    return isMapping(this.value) && Object.hasOwn(this.value, name);
  }

  at(name: string): Field {
    const { value } = this;
    if (!isMapping(value)) return this.wrong('has to be a mapping');
    const way = this.way === '' ? name : `${this.way}.${name}`;
    if (!Object.hasOwn(value, name)) throw new FileError(this.path, 'is missing', way);
    return new Field(value[name], way, this.path);
  }

  list(most: number): Field[] {
    const { value } = this;
    if (!Array.isArray(value) || value.length > most)
      return this.wrong(`has to be a list of at most ${most}`);
    return value.map((each, index) => new Field(each, `${this.way}[${index}]`, this.path));
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null ? null : read(this);
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.wrong(`${JSON.stringify(this.value)} is none of ${choices.join(', ')}`);
  }

  name(): string {
    const { value } = this;
    return typeof value === 'string' && NAME.test(value)
      ? value
      : this.wrong('has to be a name of small letters, digits and dashes');
  }

  text(): string {
    const { value } = this;
    return typeof value === 'string' && value.length <= 1000
      ? value
      : this.wrong('has to be a text of at most 1000 characters');
  }

  whole(): number {
    const { value } = this;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.wrong('has to be a whole number, 0 or more');
  }

  flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.wrong('has to be true or false');
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
