// The types of torii.js; README.md beside this file has examples.

/**
 * Joins a game behind Torii. Resolves when every channel is open; listen for messages right after it, before anything else
 * is awaited. Rejects with a JoinError, with the signal's reason when that is aborted, or with a TypeError where the
 * options make no sense.
 *
 * @param url The route: `https://gateway.example/join/arena`, or relative to the page.
 */
export function join<Name extends string>(url: string | URL, options: JoinOptions<Name>): Promise<Connection<Name>>;

export interface JoinOptions<Name extends string = string> {
  /** Data channels by the page's own names for them; at least one. */
  channels: Record<Name, ChannelOptions>;
  /** The player's id, for routes with the profile `godot4` or `godot3`: 2 to 2147483647. The gateway's choice without it. */
  peerId?: number;
  /** What ENet's CONNECT tells the server, for routes with the profile `channels`: 32 bits. */
  connectData?: number;
  /** The name of one of the route's servers, where the route lets pages choose. */
  server?: string;
  /** Sent with every request as `Authorization: Bearer`. */
  token?: string;
  /** Gives up joining when it is aborted. The connection that came about is not its matter; that has `close()`. */
  signal?: AbortSignal;
  /**
   * How long joining may take, in ms, waits between attempts included. 20000 without it. After that the gateway is asked why,
   * for 3 s at most.
   */
  timeoutMs?: number;
  /** How often the gateway is asked at most, where it is out of reach, full or broken. 5 without it. */
  attempts?: number;
  /** Told before each attempt but the first. */
  onRetry?: (retry: Retry) => void;
  /** STUN and TURN servers besides those that the gateway names. */
  iceServers?: RTCIceServer[];
  /** `relay` for TURN servers only. */
  iceTransportPolicy?: RTCIceTransportPolicy;
}

export interface Retry {
  /** The attempt that comes next: 2 and more. */
  attempt: number;
  /** How long until then. */
  waitMs: number;
  /** Why the one before failed, in one sentence. */
  reason: string;
}

/** A data channel's kind and number. Godot's are `negotiated` with the ids 1, 2 and 3. */
export interface ChannelOptions extends RTCDataChannelInit {
  /** For routes with the profile `channels`: the number of the ENet channel. The channel's name without it. */
  label?: string;
  /**
   * How many bytes may wait in it before `send()` refuses. 4 MiB without it, or 64 KiB in a channel that may lose messages
   * anyway.
   */
  maxBufferedBytes?: number;
  /**
   * Who gets the channel in the page's place: a message `{ name, channel }` with the RTCDataChannel, of which a worker makes
   * `new Channel(name, channel)`. The connection then has no channel of this name.
   */
  worker?: { postMessage(message: unknown, transfer: Transferable[]): void };
}

/** Why joining failed; `message` is one sentence for a person. */
export class JoinError extends Error {
  /**
   * `refused` and `unavailable` come with a `status`. The others are of this module, or the gateway's names of reasons, as
   * `server-not-there` (EndReason in the gateway's metrics).
   */
  readonly code: 'refused' | 'unavailable' | 'unreachable' | 'timeout' | 'connection-lost' | 'unsupported' | (string & {});
  /** Of the gateway's response; null where none came, or it is not the reason. */
  readonly status: number | null;
  /** Joining again later may well succeed, without anybody changing anything. */
  readonly transient: boolean;
  /** The wait that the gateway asked for; 0 where it asked for none. */
  readonly retryAfterMs: number;
}

/** How a connection or a channel ended. */
export interface End {
  /** One sentence for a person. */
  readonly reason: string;
  /**
   * `page-left`, `connection-lost` and `session-unknown` (the gateway was restarted) are of this module, `channel-closed` is
   * one channel's alone; all others are the gateway's, as `server-closed`.
   */
  readonly code: 'page-left' | 'connection-lost' | 'session-unknown' | 'channel-closed' | 'server-closed' | 'gateway-stopping'
    | 'removed-by-operator' | (string & {});
  /** With `server-closed`: what the server gave to ENet's DISCONNECT. */
  readonly data: number | null;
  /** Joining again may well succeed, without anybody changing anything. */
  readonly transient: boolean;
}

export interface CloseEvent extends Event, End {}

export interface ChannelMessageEvent extends Event {
  /** ENet knows bytes only; text that was sent comes back as its UTF-8. */
  readonly data: ArrayBuffer;
}

export interface ConnectionMessageEvent extends ChannelMessageEvent {
  readonly channel: Channel;
}

interface ChannelEvents {
  message: ChannelMessageEvent;
  close: CloseEvent;
}

interface ConnectionEvents {
  open: Event;
  message: ConnectionMessageEvent;
  statechange: Event;
  close: CloseEvent;
}

type Listener<Target, Type> = ((this: Target, event: Type) => void) | { handleEvent(event: Type): void };

/** An EventTarget whose events are known. */
interface Emitter<Events> extends EventTarget {
  addEventListener<Name extends keyof Events & string>(
    type: Name, listener: Listener<this, Events[Name]>, options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Name extends keyof Events & string>(
    type: Name, listener: Listener<this, Events[Name]>, options?: boolean | EventListenerOptions): void;
  removeEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

export interface Channel extends Emitter<ChannelEvents> {
  /** The page's. */
  readonly name: string;
  readonly label: string;
  readonly id: number | null;
  /** Whether everything arrives. */
  readonly reliable: boolean;
  readonly isOpen: boolean;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Messages that an unreliable channel did not take because too much waited. */
  readonly dropped: number;
  readonly rtc: RTCDataChannel;
  /**
   * True when the message was taken. Where too much waits already, an unreliable channel drops the message and returns false,
   * and a reliable one throws a QuotaExceededError. A closed channel throws an InvalidStateError.
   */
  send(data: string | Blob | ArrayBuffer | ArrayBufferView): boolean;
  /** Resolves when it is open and there is room for more; rejects when the channel is closed. */
  ready(): Promise<void>;
  /** Closes this channel alone. */
  close(): void;
}

/** For channels that a worker was handed. */
export const Channel: {
  new (name: string, rtc: RTCDataChannel, options?: Pick<ChannelOptions, 'maxBufferedBytes'>): Channel;
};

export interface Connection<Name extends string = string> extends Emitter<ConnectionEvents> {
  /** Those that are open. */
  readonly channels: Record<Name, Channel> & Partial<Record<string, Channel>>;
  /** `interrupted` while nothing gets through; it may become `open` again by itself. */
  readonly state: 'joining' | 'open' | 'interrupted' | 'closed';
  /** The player's id in the game, for routes that have one. */
  readonly peerId: number | null;
  /** The session's URL at the gateway. Who knows it can end the session. */
  readonly location: string;
  readonly rtc: RTCPeerConnection;
  /** Resolves with what the event `close` tells. */
  readonly closed: Promise<End>;
  /** Opens one more channel. */
  openChannel(name: string, options?: ChannelOptions): Promise<Channel>;
  /** What the browser knows of the way to the gateway; null before it has one. */
  stats(): Promise<ConnectionStats | null>;
  /**
   * Leaves. What was sent before goes out first, for a second at the longest. `data` is what ENet's DISCONNECT tells the
   * server, for routes with the profile `channels`: 32 bits. Resolves when the gateway knows.
   */
  close(options?: { data?: number }): Promise<void>;
}

export interface ConnectionStats {
  /** The round trip to the gateway, in ms, as the latest connectivity check measured it. */
  rttMs: number | null;
  /** The share of connectivity checks that got no answer, 0 to 1. Null where the browser does not tell (Firefox). */
  loss: number | null;
  /** Ours; `relay` with a TURN server. */
  candidateType: RTCIceCandidateType | null;
  local: Candidate;
  remote: Candidate;
  /** On this way to the gateway, as the browser counts them: what SCTP, DTLS and ICE add is among them. */
  bytesSent: number | null;
  bytesReceived: number | null;
  /** Messages that unreliable channels did not take, of all channels that are open. */
  dropped: number;
}

export interface Candidate {
  type: RTCIceCandidateType | undefined;
  protocol: 'udp' | 'tcp' | 'tls' | (string & {}) | undefined;
  /** Empty where the browser keeps it to itself. */
  address: string;
  port: number | undefined;
}
