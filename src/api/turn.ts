/** Lets everything else on the event loop have its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
