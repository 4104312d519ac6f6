export { FakeOpenIdProvider, type FakeUser, type Lies } from "./fake-openid-provider.ts";
