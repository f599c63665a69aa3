import { joinRoom } from "/sdk/couchwire.js";

const me = joinRoom();
const news = document.querySelector("#news");
document.querySelector("#hello").onclick = () => me.send({ hello: true });
me.on("json", (message) => (news.textContent = message.news));
me.on("close", ({ reason }) => (news.textContent = reason));
