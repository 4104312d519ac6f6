export { openArtifactStore } from "./directory-artifact-store.ts";
