import type { ClusterFolder } from '../supervisor/cluster-folder.js';
import { about, mainMenu } from './choices.js';
import { anyKey, choose, type Tty } from './choose.js';
import type { Menu } from './menu.js';

export interface Launch {
  readonly folder: () => ClusterFolder;
  readonly tty: Tty;
  /** Runs `aegis` with these words on the same terminal; resolves to its exit status. */
  readonly run: (words: readonly string[], signal: AbortSignal) => Promise<number>;
}

/** Shows menus and runs what is chosen, one command line after the other, until somebody leaves. */
export async function launch({ folder, tty, run }: Launch, signal: AbortSignal): Promise<void> {
  const menus: Menu[] = [mainMenu(folder())];
  for (let menu = menus.at(-1); menu !== undefined; menu = menus.at(-1)) {
    const choice = await choose(menu, () => about(folder()), tty, signal);
    if (choice === undefined) {
      menus.pop();
    } else if (choice.run === undefined) {
      menus.push(await choice.below!());
    } else {
      tty.output.write(`${tty.style.bold(`$ aegis ${choice.run.join(' ')}`)}\n`);
      const status = await run(choice.run, signal);
      const how = status === 0 ? tty.style.green('done') : tty.style.red(`it ended with status ${status}`);
      tty.output.write(`\n${how}; any key goes back\n`);
      await anyKey(tty, signal);
      // Another cluster may be the nearest one now.
      menus.splice(0, menus.length, mainMenu(folder()));
    }
  }
}
