import type { Result } from '@aegis/proto/replica/command';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';

/** A command that was refused. The refusal is its result like any other. */
export function failed(error: ErrorMessage): Result {
  return { result: { $case: 'error', value: error } };
}
