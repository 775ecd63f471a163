/**
 * Loaded before everything else (`node --import`): Node's permission model restricts no signals, so that the ways to send one are taken
 * away. That binds this program, not whoever can make it run other native code: docs/one-machine.md says what it is worth.
 */
const doors = ['kill', '_kill', '_debugProcess', '_debugEnd', 'binding', '_linkedBinding', 'dlopen'];
for (const name of doors) {
  Object.defineProperty(process, name, {
    value: () => {
      throw new Error(`process.${name} is not for the agent: it has eyes, and no hands`);
    },
    writable: false,
    configurable: false,
  });
}
