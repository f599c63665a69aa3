import parser from "socket.io-msgpack-parser";
import { serveRooms } from "../socket-io/rooms.js";

serveRooms({ parser });
