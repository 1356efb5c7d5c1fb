/** A reason shorter than this says nothing; the platform takes none. */
export const SHORTEST = 3;
