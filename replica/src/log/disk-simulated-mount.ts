import assert from 'node:assert/strict';
import type { Disk, DiskFile } from './disk.js';
import type { SimulatedDisk } from './disk-simulated.js';
import { SimulatedInode } from './disk-simulated-inode.js';
import { LogError } from './errors.js';

/** The simulated disk as one life of a process sees it. */
export function mountSimulated(hardware: SimulatedDisk, life: number): Disk {
  const { folder } = hardware;
  return {
    path: 'simulated',
    list: async () => {
      await hardware.pass(life, 'list', '');
      return folder.names().map((name) => ({ name, bytes: folder.inode(name).length }));
    },
    create: async (name) => {
      await hardware.pass(life, 'create', name);
      if (folder.has(name)) throw new LogError('IO_FAILED', { file: name, seen: 'the file exists' });
      const inode = new SimulatedInode(Buffer.alloc(0));
      folder.create(name, inode);
      return openSimulated(hardware, life, name, inode);
    },
    open: async (name) => {
      await hardware.pass(life, 'open', name);
      return openSimulated(hardware, life, name, folder.inode(name));
    },
    rename: async (from, to) => {
      await hardware.pass(life, 'rename', to);
      folder.rename(from, to);
    },
    remove: async (name) => {
      await hardware.pass(life, 'remove', name);
      folder.remove(name);
    },
    syncDirectory: async () => {
      const end = folder.beginSync();
      await hardware.pass(life, 'syncDirectory', '');
      end();
    },
  };
}

function openSimulated(hardware: SimulatedDisk, life: number, name: string, inode: SimulatedInode): DiskFile {
  let closed = false;
  return {
    writeDurably: async (bytes, offset) => {
      assert(!closed, 'a closed file is not used');
      if (!hardware.isAlive(life)) await new Promise<never>(() => {});
      const growth = Math.max(0, offset + bytes.length - inode.length);
      if (growth > 0 && growth > hardware.capacityBytes - hardware.folder.usedBytes()) {
        throw new LogError('NO_SPACE', { file: name, offset });
      }
      inode.write(bytes, offset);
      try {
        await hardware.pass(life, 'write', name);
      } catch (error) {
        inode.loseSync(hardware.random);
        throw error;
      }
      inode.sync(offset, bytes.length);
    },
    read: async (into, offset) => {
      assert(!closed, 'a closed file is not used');
      await hardware.pass(life, 'read', name);
      return inode.read(into, offset);
    },
    readSync: (into, offset) => {
      assert(!closed, 'a closed file is not used');
      return inode.read(into, offset);
    },
    close: async () => {
      closed = true;
    },
  };
}
