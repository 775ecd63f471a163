/**
 * PromQL of how long a command waits for its answer, in seconds: those that wait, by those that are applied a second (J. Little).
 * @param of matchers of a selector, with their braces, or nothing
 * @param range with its brackets
 * @param by a grouping such as `by (cluster) `, or nothing
 */
export function commandWait(of: string, range: string, by = ''): string {
  return (
    `sum ${by}(avg_over_time(aegis_proposals_pending${of}${range})) / ` +
    `max ${by}(rate(aegis_commands_applied_total${of}${range}))`
  );
}
