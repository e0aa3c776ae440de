/** Connections that wait to be let in: one that finds no place comes again after a second, or three, or seven. */
export const backlog = 1024;
