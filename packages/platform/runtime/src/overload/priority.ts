/** Who goes first while not everybody can: 'low' is for what nobody waits for. */
export type Priority = 'high' | 'normal' | 'low'
