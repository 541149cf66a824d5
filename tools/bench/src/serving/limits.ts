/** The most that a body may have, wherever a server can be told. */
export const maxBodyBytes = 1024 * 1024
