export { openMirrors, type MirrorsOptions } from "./mirrors.ts";
export { openHistory } from "./open-history.ts";
export type * from "./ports.ts";
export { repositoryAddress, PROTOCOLS, type Protocol, type RepositoryAddress } from "./address.ts";
