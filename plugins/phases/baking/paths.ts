/** Config path of the phase, for messages. */
export const AT = 'phases.baking';
