/** Builds the text of `--help` from the table of options. */
import { OPTION_TABLE } from "../config.ts";

const WIDTH = 80;

const INTRODUCTION = `Usage: couchwire [serve [folder]] [options]
       couchwire new NAME --template T      (couchwire new --help says more)
       couchwire dev [folder] [options]
       couchwire room create|list|close     (couchwire room --help says more)
       couchwire bots CODE --script FILE    (couchwire bots --help says more)
       couchwire chaos CODE|URL [options]   (couchwire chaos --help says more)
       couchwire conformance URL [options]  (couchwire conformance --help says
                                             more)
       couchwire record CODE --out FILE     (couchwire record --help says more)
       couchwire replay FILE CODE [options] (couchwire replay --help says more)
       couchwire token --sub ID [options]   (couchwire token --help says more)

Serves party games: a browser on the TV hosts, phones join with a room code.
The folder is one game (index.html for the TV, player.html for the phones), or
holds a folder for each game. Without one, the demo game is served.

couchwire dev serves the folder, or the one where you are, to its developer:
pages reload when a file is saved, and keep their seats; errors of phones show
here and in the TV's console; a playground shows a TV and phones in one window.

  -h, --help       Shows this text.
  -v, --version    Shows the version.
  --no-open        With dev: opens no browser.
  --record [FILE]  With dev: writes what the players and the host of each room
                   say into FILE, whose name ends in .cwrec, or into a file in
                   recordings/ that is named for game, code and time. Replaces
                   no file. couchwire replay plays it again.
  --tls-self-signed
                   Speaks https with a certificate that this machine makes, so
                   that games may use motion sensors and keep screens awake.
                   Phones warn once.

Each option is also an environment variable. What is typed here wins.
`;

export function helpText(): string {
  const options = OPTION_TABLE.map(({ flag, env, default: unset, meaning, allowed }) => {
    const head = `  ${flag} (${env}, default: ${unset})`;
    return head.length <= WIDTH
      ? [head, indent(`${meaning} Takes ${allowed}.`)].join("\n")
      : [`  ${flag} (${env})`, indent(`${meaning} Takes ${allowed}. The default is ${unset}.`)].join("\n");
  });
  return `${[INTRODUCTION, ...options].join("\n")}\n`;
}

/** Wraps and indents the text to the width of a terminal. */
function indent(text: string): string {
  const margin = "      ";
  const lines: string[] = [];
  let line = margin;
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH && line !== margin) {
      lines.push(line);
      line = margin;
    }
    line += line === margin ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}
