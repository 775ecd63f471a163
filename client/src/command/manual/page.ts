/** What is said of one command besides its description, arguments and options, which stand where the command is built. */
export interface Page {
  /** Paragraphs, with the line ends that they are printed with. */
  readonly notes?: string;
  /** Whole command lines. Each is parsed by a test. */
  readonly examples: readonly string[];
  /** Exit statuses that mean something of their own here; the others mean what they mean everywhere. */
  readonly exits?: Readonly<Record<number, string>>;
  /** What `--json` prints. Left out for those that only have commands beneath them. */
  readonly json?: string;
  /** The words that an argument or an option's value may be, for completion. */
  readonly completes?: Readonly<Record<string, () => readonly string[] | Promise<readonly string[]>>>;
}

/** By the words of the command, `aegis` left out. */
export type Pages = Readonly<Record<string, Page>>;
