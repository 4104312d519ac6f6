import { textSearch } from "../../shell/text-search.ts";

export const peopleSearch = textSearch("tab", "project", "cursor", "new");
