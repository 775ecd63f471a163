import { describe, expect, test } from '@jest/globals';
import { RULES } from '@aegis/replica/settings';
import { block, hasBlock, replaceBlock } from './block.js';
import { plain } from './markdown.js';
import { branchOf, ownBranch } from './names.js';
import { IMPROVES, ONSET, samplePostmortem, sampleRequest, TARGET } from './testing/pages.js';

describe('the page of a proposal', () => {
  const page = sampleRequest({ verification: IMPROVES });

  test('has what a person needs to decide', () => {
    expect(page.title).toBe('Tune timing of shop/orders: electionTimeoutMs 1200');
    expect(page.patch).toEqual({ electionTimeoutMs: 1_200 });
    expect(page.body).toContain('| `electionTimeoutMs` | 1000 | 1200 |');
    expect(page.body).toContain('**loop-stalled** at replica aegis-1, 85 %');
    expect(page.body).toContain('evidence from 2026-03-04T12:00:00Z to 2026-03-04T12:01:00Z');
    expect(page.body).toContain(
      '| elections a minute | 4.2 elections | 0.3 elections | -3.9 elections | -4.6 elections to -3.1 elections |',
    );
    expect(page.body).toContain("commit=$(git log -1 --first-parent --format=%H -- 'orders.yaml')");
    expect(page.body).toContain('    electionTimeoutMs: 1000\n');
    for (const { id } of RULES) expect(page.body).toContain(`| \`${id}\` |`);
    expect(page.body).toMatch(/## Risk\n\nA leader that is truly gone/);
  });

  test('says so when nothing was verified', () => {
    expect(sampleRequest().body).toContain('Not verified: no run under both settings was made.');
  });

  test('is the same for the same facts', () => {
    expect(sampleRequest()).toEqual(sampleRequest());
  });
});

describe('a postmortem', () => {
  test('tells what was, in order, and what became of what was proposed', () => {
    const page = samplePostmortem([
      { what: 'electionTimeoutMs 1200', phase: 'PullRequestOpen', url: 'https://forge/7' },
    ]);
    expect(page.body).toMatch(
      /12:00:00Z \| It began.*12:00:05Z \| aegis-2 became leader.*12:00:20Z \| The agent saw it/s,
    );
    expect(page.body).toContain('| electionTimeoutMs 1200 | PullRequestOpen | <https://forge/7> |');
    expect(page.closed).toBe(false);
  });

  test('is closed once the incident is over and all that was proposed is settled', () => {
    const open = [{ what: 'x', phase: 'PullRequestOpen' }];
    const settled = [{ what: 'x', phase: 'Applied' }];
    expect(samplePostmortem(open, ONSET + 1).closed).toBe(false);
    expect(samplePostmortem(settled).closed).toBe(false);
    expect(samplePostmortem(settled, ONSET + 1).closed).toBe(true);
  });
});

describe('text from elsewhere', () => {
  test.each([
    ['a mention', '@ada'],
    ['a link', '[x](https://evil.example)'],
    ['a bare link', 'see https://evil.example now'],
    ['an image', '![x](https://evil.example/a.png)'],
    ['a comment that ends the block', '--> <!-- aegis:end -->'],
    ['a table', 'a | b'],
    ['a heading on a line of its own', 'x\n\n# Merge me'],
    ['HTML', '<script>alert(1)</script>'],
    ['code', '`rm`'],
    ['emphasis', '**really** _really_'],
    ['a checklist', '- [x] approved'],
    ['a reference to an issue', '#12'],
  ])('%s becomes plain words', (_, text) => {
    const written = plain(text);
    expect(written).not.toMatch(/[`*_[\]<>|~\n@]|:\/\/|(?<!&)#(?!\d+;)/);
    const { body } = sampleRequest({ evidence: [text], incident: text });
    const begins = (body.match(/<!-- aegis:/g) ?? []).length;
    expect(begins).toBe(0);
    expect(body).not.toMatch(/:\/\/evil|\]\(/);
    expect(body).not.toMatch(/^# Merge me/m);
  });

  test('is cut', () => {
    expect(plain('x'.repeat(5_000)).length).toBeLessThanOrEqual(2_001);
  });
});

describe('the agent’s part of a text', () => {
  const own = block('proposal', 'b', 'one');

  test('is replaced, and what people wrote around it stays', () => {
    const text = `Before.\r\n${own.replaceAll('\n', '\r\n')}\r\nAfter.`;
    expect(replaceBlock(text, 'proposal', 'b', 'two')).toBe(
      `Before.\n${block('proposal', 'b', 'two')}\nAfter.`,
    );
  });

  test('belongs to people once its marks are gone', () => {
    expect(replaceBlock('Mine now.', 'proposal', 'b', 'two')).toBeUndefined();
    expect(replaceBlock(own.replace('<!-- aegis:end -->', ''), 'proposal', 'b', 'two')).toBeUndefined();
    expect(replaceBlock(null, 'proposal', 'b', 'two')).toBeUndefined();
    expect(hasBlock(own, 'proposal', 'c')).toBe(false);
  });

  test('cannot be ended by what is in it', () => {
    const sly = block('proposal', 'b', 'x <!-- aegis:end --> y');
    expect(replaceBlock(`${sly} after`, 'proposal', 'b', 'two')).toBe(
      `${block('proposal', 'b', 'two')} after`,
    );
  });
});

describe('branches', () => {
  test('one for each cluster and family', () => {
    expect(branchOf(TARGET, 'timing')).toBe('aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing');
  });

  test.each([
    'main',
    'aegis/tuning/',
    'aegis/tuning/../main',
    'aegis/tuning/a b',
    'aegis/tuning/a/b',
    'aegis/tuning/a.lock',
    `aegis/tuning/${'a'.repeat(240)}`,
    'refs/heads/main',
  ])('%s is none of the agent’s', (branch) => {
    expect(() => ownBranch(branch)).toThrow(/no branch under/);
  });
});
