/** One game of chess in `examples/chess`: rules, ends, offers, claims, clocks and the record. */
import { describe, expect, test } from "@jest/globals";
import { Chess } from "chess.js";
import { canMate, createGame } from "../../../examples/chess/game.js";

type Game = ReturnType<typeof createGame>;
type GameOptions = Partial<Parameters<typeof createGame>[0]>;

const TEN_AND_FIVE = { baseMs: 600_000, incrementMs: 5_000 };
const ONE_AND_NONE = { baseMs: 60_000, incrementMs: 0 };

function newGame(options: GameOptions = {}): { game: Game; wait: (ms: number) => void } {
  let time = 5_000;
  const game = createGame({ now: () => time, ...options });
  return { game, wait: (ms) => (time += ms) };
}

/** Plays moves in the notation of books, each by the player whose turn it is. */
function play(game: Game, ...moves: string[]): void {
  for (const san of moves) {
    const { from, to, promotion } = new Chess(game.fen).move(san);
    expect([san, game.move(game.turn, { from, to, ...(promotion !== undefined && { promotion }) })]).toEqual([
      san,
      undefined,
    ]);
  }
}

const codeOf = (refusal: { code: string } | undefined): string | undefined => refusal?.code;
const endOf = ({ end }: Game): string[] => (end === undefined ? [] : [end.result, end.reason, end.termination]);

const SHUFFLE = ["Nf3", "Nf6", "Ng1", "Ng8"];
const FOOLS_MATE = ["f3", "e5", "g4", "Qh4#"];
const LOYD = "e3 a5 Qh5 Ra6 Qxa5 h5 h4 Rah6 Qxc7 f6 Qxd7+ Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6".split(" ");
/** White has taken all but the black king, and is to move. */
const BARE_KING = (
  "d4 Nh6 Bxh6 g5 Bxf8 e5 dxe5 h6 Bxh6 f6 Bxg5 Rh4 Bxh4 d5 exd6 Bh3 gxh3 Qe7 dxe7 Nd7 Qxd7+ Kf7 Qxc7 Rb8 Qxb8 a5 Qxb7 a4 Bxf6 " +
  "a3 bxa3 Ke8"
).split(" ");

/** Pieces and the player to move. */
const placesOf = (fen: string): string => fen.split(" ").slice(0, 2).join(" ");

/** The first moves of a game in which no pawn moves, nothing is taken, and no position comes twice. */
function quietMoves(count: number): string[] {
  const chess = new Chess();
  const seen = new Set([placesOf(chess.fen())]);
  while (chess.history().length < count) {
    const quiet = chess.moves({ verbose: true }).find((move) => {
      return move.piece !== "p" && !move.isCapture() && !move.san.endsWith("+") && !seen.has(placesOf(move.after));
    });
    if (quiet === undefined) throw new Error("There is no quiet move left.");
    chess.move(quiet.san);
    seen.add(placesOf(chess.fen()));
  }
  return chess.history();
}

test("row 111: chess.js finds the 197,281 games of four half moves", () => {
  expect(new Chess().perft(4)).toBe(197_281);
}, 120_000);

describe("row 111: the game refuses", () => {
  test("what is not legal, out of turn, or without the piece that a pawn becomes, and changes nothing", () => {
    const { game } = newGame();
    const before = game.fen;
    expect(codeOf(game.move("white", { from: "e2", to: "e5" }))).toBe("illegal_move");
    expect(codeOf(game.move("white", { from: "e2", to: "e4", promotion: "q" }))).toBe("illegal_move");
    expect(codeOf(game.move("white", { from: "z9", to: "e4" }))).toBe("illegal_move");
    expect(codeOf(game.move("black", { from: "e7", to: "e5" }))).toBe("not_your_turn");
    expect(game.fen).toBe(before);
    play(game, "h4", "g5", "hxg5", "h6", "gxh6", "Nf6", "h7", "Rg8");
    const here = game.fen;
    expect(codeOf(game.move("white", { from: "h7", to: "g8" }))).toBe("promotion_missing");
    expect(codeOf(game.move("white", { from: "h7", to: "g8", promotion: "k" }))).toBe("illegal_move");
    expect(game.fen).toBe(here);
  });

  test("everything after the end", () => {
    const { game } = newGame();
    play(game, ...FOOLS_MATE);
    const { fen } = game;
    const actions = [
      game.move("white", { from: "a2", to: "a3" }),
      game.resign("white"),
      game.offerDraw("black"),
      game.acceptDraw("white"),
      game.claimDraw(),
      game.claimWin("white"),
      game.offerUndo("black"),
    ];
    expect(actions.map(codeOf)).toEqual(actions.map(() => "game_over"));
    expect(game.fen).toBe(fen);
    expect(game.view().legal).toEqual({});
  });
});

describe("row 111: special moves", () => {
  test.each(["q", "r", "b", "n"])("a pawn becomes %s", (promotion) => {
    const { game } = newGame();
    play(game, "h4", "g5", "hxg5", "h6", "gxh6", "Nf6", "h7", "Rg8");
    expect(game.move("white", { from: "h7", to: "g8", promotion })).toBeUndefined();
    expect(game.fen.split("/")[0]).toContain(promotion.toUpperCase());
  });

  test("en passant is legal at once, and not one move later", () => {
    const { game } = newGame();
    play(game, "e4", "a6", "e5", "d5");
    expect(game.view().legal.e5).toContain("d6");
    play(game, "exd6");
    const late = newGame().game;
    play(late, "e4", "a6", "e5", "d5", "h3", "h6");
    expect(codeOf(late.move("white", { from: "e5", to: "d6" }))).toBe("illegal_move");
  });

  test("castling is refused through an attacked square, and legal without the attack", () => {
    const { game } = newGame();
    play(game, "e4", "b6", "Nf3", "Ba6", "Bd3", "Bxd3", "a3", "a6"); // the bishop on d3 attacks f1 through e2
    expect(codeOf(game.move("white", { from: "e1", to: "g1" }))).toBe("illegal_move");
    const free = newGame().game;
    play(free, "e4", "e5", "Nf3", "Nc6", "Bc4", "Bc5", "O-O");
    expect(free.view().moves.at(-1)).toBe("O-O");
  });
});

describe("row 112: the game ends", () => {
  test("by fool's mate", () => {
    const { game } = newGame();
    play(game, ...FOOLS_MATE);
    expect(endOf(game)).toEqual(["0-1", "checkmate", "normal"]);
  });

  test("by Loyd's stalemate in ten moves", () => {
    const { game } = newGame();
    play(game, ...LOYD);
    expect(endOf(game)).toEqual(["1/2-1/2", "stalemate", "normal"]);
  });

  test("by resignation, at any time", () => {
    const { game } = newGame();
    expect(game.resign("black")).toBeUndefined();
    expect(endOf(game)).toEqual(["1-0", "resignation", "normal"]);
  });

  test("by a claim of threefold repetition while the position stands, and not without", () => {
    const { game } = newGame();
    play(game, ...SHUFFLE, "Nf3", "Nf6", "Ng1");
    expect(codeOf(game.claimDraw())).toBe("nothing_to_claim");
    play(game, "Ng8");
    expect(game.view().claimable).toBe("threefold-repetition");
    expect(game.end).toBeUndefined();
    const late = newGame().game;
    play(late, ...SHUFFLE, ...SHUFFLE, "e4");
    expect(codeOf(late.claimDraw())).toBe("nothing_to_claim");
    expect(game.claimDraw()).toBeUndefined();
    expect(endOf(game)).toEqual(["1/2-1/2", "threefold-repetition", "normal"]);
  });

  test("by fivefold repetition without a claim", () => {
    const { game } = newGame();
    play(game, ...SHUFFLE, ...SHUFFLE, ...SHUFFLE, "Nf3", "Nf6", "Ng1");
    expect(game.end).toBeUndefined();
    play(game, "Ng8");
    expect(endOf(game)).toEqual(["1/2-1/2", "fivefold-repetition", "normal"]);
  });

  test("by fifty moves on claim, and by seventy-five without", () => {
    const moves = quietMoves(150);
    const { game } = newGame();
    play(game, ...moves.slice(0, 99));
    expect(codeOf(game.claimDraw())).toBe("nothing_to_claim");
    play(game, ...moves.slice(99, 149));
    expect(game.view().claimable).toBe("fifty-moves");
    expect(game.end).toBeUndefined();
    play(game, ...moves.slice(149));
    expect(endOf(game)).toEqual(["1/2-1/2", "seventy-five-moves", "normal"]);
    const claimed = newGame().game;
    play(claimed, ...moves.slice(0, 100));
    expect(claimed.claimDraw()).toBeUndefined();
    expect(endOf(claimed)).toEqual(["1/2-1/2", "fifty-moves", "normal"]);
  });
});

describe("row 112: draw offers", () => {
  test("stand only with or after one's own move, one at a time", () => {
    const { game } = newGame();
    expect(codeOf(game.offerDraw("white"))).toBe("draw_offer_out_of_turn");
    expect(codeOf(game.offerDraw("black"))).toBe("draw_offer_out_of_turn");
    expect(game.move("white", { from: "e2", to: "e4", offersDraw: true })).toBeUndefined();
    expect(game.view().offers.draw).toBe("white");
    expect(codeOf(game.offerDraw("white"))).toBe("draw_offer_stands");
    expect(codeOf(game.offerDraw("black"))).toBe("draw_offer_out_of_turn");
  });

  test("are accepted by the other alone, and only while they stand", () => {
    const { game } = newGame();
    expect(codeOf(game.acceptDraw("black"))).toBe("no_draw_offer");
    play(game, "e4");
    game.offerDraw("white");
    expect(codeOf(game.acceptDraw("white"))).toBe("no_draw_offer");
    expect(game.acceptDraw("black")).toBeUndefined();
    expect(endOf(game)).toEqual(["1/2-1/2", "agreement", "normal"]);
  });

  test("are declined by a word or by a move, and come once for each move", () => {
    const { game } = newGame();
    play(game, "e4");
    game.offerDraw("white");
    expect(codeOf(game.declineDraw("white"))).toBe("no_draw_offer");
    expect(game.declineDraw("black")).toBeUndefined();
    expect(codeOf(game.offerDraw("white"))).toBe("draw_offered_before");
    play(game, "e5", "d4");
    expect(game.offerDraw("white")).toBeUndefined();
    play(game, "d5");
    expect(game.view().offers.draw).toBeNull();
    expect(codeOf(game.acceptDraw("black"))).toBe("no_draw_offer");
  });
});

describe("row 113: clocks", () => {
  test("without a move for 60 seconds of 1+0 the game is lost, to the millisecond", () => {
    const { game, wait } = newGame({ timeControl: ONE_AND_NONE });
    expect(game.msUntilFlag()).toBe(60_000);
    wait(59_999);
    game.settle();
    expect(game.end).toBeUndefined();
    wait(1);
    game.settle();
    expect(endOf(game)).toEqual(["0-1", "time", "time forfeit"]);
    expect(game.view().clocks).toEqual({ white: 0, black: 60_000 });
    expect(game.msUntilFlag()).toBeUndefined();
  });

  test("a move that comes too late is refused, and the game is over", () => {
    const { game, wait } = newGame({ timeControl: ONE_AND_NONE });
    wait(60_001);
    expect(codeOf(game.move("white", { from: "e2", to: "e4" }))).toBe("game_over");
    expect(endOf(game)).toEqual(["0-1", "time", "time forfeit"]);
  });

  test("each move takes the time it took, and adds the increment", () => {
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE });
    wait(12_000);
    play(game, "e4");
    wait(1_500);
    expect(game.view()).toMatchObject({ clocks: { white: 593_000, black: 598_500 }, running: "black" });
    play(game, "e5");
    expect(game.view().clocks).toEqual({ white: 593_000, black: 603_500 });
  });

  test("up to 300 ms of a player's lag count as no thinking", () => {
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE, lagOf: (color) => (color === "white" ? 200 : 5_000) });
    wait(1_200);
    play(game, "e4");
    expect(game.view().clocks?.white).toBe(604_000);
    wait(1_000);
    play(game, "e5");
    expect(game.view().clocks?.black).toBe(604_300);
  });

  test("there are games without clocks", () => {
    const { game, wait } = newGame();
    wait(10_000_000);
    play(game, "e4");
    expect(game.view()).toMatchObject({ clocks: null, running: null });
    expect(game.msUntilFlag()).toBeUndefined();
  });

  test("row 112: a flag that falls against a bare king is a draw", () => {
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE });
    play(game, ...BARE_KING);
    wait(10_000_000);
    game.settle();
    expect(endOf(game)).toEqual(["1/2-1/2", "time-without-mate", "time forfeit"]);
  });
});

describe("row 112: a flag that falls is a draw where the other could not mate by any play", () => {
  test.each([
    ["a bare king", "4k3/8/8/8/8/8/PPPP4/4K3", "black", false],
    ["a pawn", "4k3/p7/8/8/8/8/8/4K2Q", "black", true],
    ["a rook", "4k2r/8/8/8/8/8/8/4K3", "black", true],
    ["a knight against a bare king", "4k1n1/8/8/8/8/8/8/4K3", "black", false],
    ["a knight against a queen", "4k1n1/8/8/8/8/8/8/4K2Q", "black", false],
    ["a knight against a pawn", "4k1n1/8/8/8/8/8/P7/4K3", "black", true],
    ["two knights", "4k1nn/8/8/8/8/8/8/4K3", "black", true],
    ["a bishop against a bare king", "4k1b1/8/8/8/8/8/8/4K3", "black", false],
    ["a bishop against a rook", "4k1b1/8/8/8/8/8/8/4K2R", "black", false],
    ["a bishop against a bishop on its colour", "4k1b1/8/8/8/8/8/8/4KB2", "black", false],
    ["a bishop against a bishop on the other colour", "4k1b1/8/8/8/8/8/8/4K1B1", "black", true],
    ["a bishop against a knight", "4k1b1/8/8/8/8/8/8/4KN2", "black", true],
    ["two bishops on both colours", "4kbb1/8/8/8/8/8/8/4K3", "black", true],
  ] as const)("%s", (_, pieces, color, can) => {
    expect(canMate(new Chess(`${pieces} w - - 0 1`), color)).toBe(can);
  });
});

describe("row 114: a player who is away", () => {
  test("loses the game when the other claims it, 60 seconds later and not before", () => {
    const { game, wait } = newGame();
    play(game, "e4");
    expect(codeOf(game.claimWin("white"))).toBe("opponent_is_here");
    game.away("black");
    wait(59_001);
    expect(game.claimWin("white")).toEqual({ code: "too_early", reason: "You may claim the win in 1 seconds." });
    expect(game.view().claimWinInMs).toEqual({ white: 999, black: null });
    wait(999);
    expect(game.claimWin("white")).toBeUndefined();
    expect(endOf(game)).toEqual(["1-0", "abandonment", "abandoned"]);
  });

  test("comes back to the same game, and the clock has run", () => {
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE });
    play(game, "e4");
    game.away("black");
    wait(10_000);
    game.back("black");
    expect(game.view().clocks).toEqual({ white: 605_000, black: 590_000 });
    wait(60_000);
    expect(codeOf(game.claimWin("white"))).toBe("opponent_is_here");
  });

  test("loses on time where the clock is first", () => {
    const { game, wait } = newGame({ timeControl: { baseMs: 30_000, incrementMs: 0 } });
    game.away("white");
    wait(30_000);
    expect(codeOf(game.claimWin("black"))).toBe("game_over");
    expect(endOf(game)).toEqual(["0-1", "time", "time forfeit"]);
  });
});

describe("undo on agreement", () => {
  test("takes one's own last move back, with the clocks of then", () => {
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE });
    play(game, "e4");
    const after = game.fen;
    wait(1_000);
    play(game, "e5");
    wait(9_000);
    play(game, "Qh5");
    expect(codeOf(game.acceptUndo("black"))).toBe("no_undo_offer");
    game.offerUndo("black");
    expect(codeOf(game.acceptUndo("black"))).toBe("no_undo_offer");
    expect(game.acceptUndo("white")).toBeUndefined();
    expect(game.fen).toBe(after);
    expect(game.view()).toMatchObject({ turn: "black", moves: ["e4"], clocks: { white: 605_000, black: 600_000 } });
    play(game, "c5");
    game.offerUndo("black");
    expect(game.acceptUndo("white")).toBeUndefined();
    expect(game.view().moves).toEqual(["e4"]);
  });

  test("is over with the next move, and needs a move", () => {
    const { game } = newGame();
    expect(codeOf(game.offerUndo("white"))).toBe("nothing_to_undo");
    play(game, "e4");
    expect(codeOf(game.offerUndo("black"))).toBe("nothing_to_undo");
    game.offerUndo("white");
    expect(codeOf(game.offerUndo("white"))).toBe("undo_offer_stands");
    play(game, "e5");
    expect(codeOf(game.acceptUndo("black"))).toBe("no_undo_offer");
  });
});

describe("row 115: the record", () => {
  test("is PGN with seven tags, result, termination and clocks, and chess.js reads it", () => {
    const tags = {
      Event: "Casual game",
      Site: "Couchwire",
      Date: "2026.11.29",
      Round: "1",
      White: 'A"d\\a\n',
      Black: "Ben",
    };
    const { game, wait } = newGame({ timeControl: TEN_AND_FIVE, tags });
    for (const san of FOOLS_MATE) {
      wait(2_000);
      play(game, san);
    }
    expect(game.pgn()).toBe(
      [
        '[Event "Casual game"]',
        '[Site "Couchwire"]',
        '[Date "2026.11.29"]',
        '[Round "1"]',
        `[White "A'd/a"]`,
        '[Black "Ben"]',
        '[Result "0-1"]',
        '[TimeControl "600+5"]',
        '[Termination "normal"]',
        "",
        "1. f3 {[%clk 0:10:03]} e5 {[%clk 0:10:03]} 2. g4 {[%clk 0:10:06]} Qh4# {[%clk 0:10:06]} 0-1",
      ].join("\n"),
    );
    const read = new Chess();
    read.loadPgn(game.pgn());
    expect(read.fen()).toBe(game.fen);
    expect(read.isCheckmate()).toBe(true);
  });

  test("is there at any time, and says how a game on time or abandoned ended", () => {
    const { game, wait } = newGame({ timeControl: ONE_AND_NONE });
    expect(game.pgn()).toContain('[Result "*"]');
    play(game, "e4");
    expect(game.pgn()).toMatch(/1\. e4 \{\[%clk 0:01:00\]\} \*$/);
    wait(60_000);
    game.settle();
    expect(game.pgn()).toContain('[Termination "time forfeit"]');
    const left = newGame().game;
    left.abandon("white");
    expect(left.pgn()).toContain('[Termination "abandoned"]');
    expect(left.pgn()).toContain('[Result "0-1"]');
  });
});
