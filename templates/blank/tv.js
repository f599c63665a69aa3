import { createRoom } from "/sdk/couchwire.js";

async function main() {
  const room = await createRoom();
  const news = document.querySelector("#news");
  document.querySelector("#qr").innerHTML = room.qr();
  document.querySelector("#address").textContent = room.joinUrl;
  room.on("join", (player) => (news.textContent = `Player ${player} is here.`));
  room.on("json", (player) => {
    news.textContent = `Player ${player} says hello!`;
    room.broadcast({ news: news.textContent });
  });
}

main();
