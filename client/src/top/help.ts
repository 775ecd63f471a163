/** What `?` shows. */
export const HELP = `\
q, Ctrl-C  quit
?          this, and back

writes/s: commands that the leader applied
operations/s: what clients asked for, reads too
LOG, COMMIT, APPLIED: indexes, and how much they grow in a second
FSYNC, RTT: median/99th percentile since the look before, of log writes and of round trips to the others
LOOP: the longest that the event loop stood still, as the last whole page of metrics told the agent or Prometheus
AWAY: answers on neither port
-: not known here

A wider terminal has more columns.`;
