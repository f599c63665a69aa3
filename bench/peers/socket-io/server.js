import { serveRooms } from "./rooms.js";

serveRooms({});
