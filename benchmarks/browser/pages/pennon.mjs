import { createClient } from "@pennon/browser";
import { read } from "./flags.mjs";

read(createClient().boolean("flag-7", false));
