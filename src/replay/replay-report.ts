/** What a replay was asked for, and what became of it. */
import type { ReadRecording } from "../recording/recording-file.ts";

export interface ReplayOptions {
  readonly recording: ReadRecording;
  /** The address of the server over HTTP, without a slash at the end. */
  readonly server: string;
  /** How many times as fast as in the recording. */
  readonly speed: number;
  /** Milliseconds for which the other side may take longer than in the recording until it has shown what it had shown there. */
  readonly patienceMs: number;
  /** Goes on to be there at the end, until it is stopped. */
  readonly stays: boolean;
  readonly signal: AbortSignal;
  /** Is told a line for people, of what happens. */
  readonly say: (line: string) => void;
}

export interface ReplayReport {
  /** Frames that were said. */
  readonly frames: number;
  /** Frames that could not be said: their player or the room was gone. */
  readonly unsaid: number;
  /** Frames that were said although the other side had not shown what it had shown in the recording. */
  readonly unmatched: number;
  /** Why it ended before the recording did, as a sentence. */
  readonly trouble: string | undefined;
}
