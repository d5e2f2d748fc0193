#!/usr/bin/env node
// The browser of a desktop, as programs start it: hands the address to the person there.

require("node:net").connect(process.env.DESKTOP).end(process.argv[2]);
