/** The phone's page. It tells the TV what its player does. */
import "/sdk/controls.js";
import "/sdk/ui.js";

const find = (selector) => document.querySelector(selector);

async function main() {
  const me = await find("cw-join").join();
  find("cw-connection").bind(me);
  find("cw-button").bind(me, "hello");
}

main();
