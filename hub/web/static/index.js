// The hall index: when a window opens, closes or pauses the page is right again by itself.
import { keepRight } from "./again.js";

keepRight({ live: {} });
