/* The end of a consent: what Google wrote into the address has been used, and stays in nobody's history. */
"use strict";
history.replaceState(null, "", location.pathname);
