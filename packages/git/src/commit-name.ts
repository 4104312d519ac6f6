/** The full name of a commit, of either hash. */
export const COMMIT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
