export { ContentAddressedStore, openArtifactStore, type ArtifactStoreOptions } from "./content-addressed-store.ts";
