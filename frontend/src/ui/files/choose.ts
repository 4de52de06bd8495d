// The composer's field of files, which the palette opens, too. A file dialogue opens only within the stroke or press that asks for it,
// so nothing can be told round by way of the state.

/** Marks the field. */
export const ATTACH = { "data-attach": true };

const field = () => document.querySelector<HTMLInputElement>("[data-attach]");

/** Whether there is a composer to which files can be added. */
export const mayAttach = (): boolean => field() !== null;

/** Opens the dialogue to choose files. */
export const chooseFiles = (): void => field()?.click();
