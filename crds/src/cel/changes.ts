import type { CelRule } from '../schema/open-api.js';

/** A field that keeps the value, or the absence, that it was created with. Held on the group that has the field. */
export function immutable(field: string, why: string): CelRule {
  const same = `(!has(self.${field}) || self.${field} == oldSelf.${field})`;
  return {
    rule: `has(self.${field}) == has(oldSelf.${field}) && ${same}`,
    message: `${field} cannot be changed. ${why}`,
    reason: 'FieldValueForbidden',
    fieldPath: `.${field}`,
  };
}

/** A value that never changes at all. */
export function frozen(what: string, why: string): CelRule {
  return {
    rule: 'self == oldSelf',
    message: `${what} cannot be changed. ${why}`,
    reason: 'FieldValueForbidden',
  };
}
